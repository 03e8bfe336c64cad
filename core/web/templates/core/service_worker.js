{# Sent as the worker of the site; the addresses carry a hash of their content, so that a new file is a new worker. #}
/* Shows a page of its own while the server can't be reached. It keeps that page and its parts, and nothing of anybody. */
const OFFLINE = {{ url_for("core.offline")|tojson }};
const PARTS = [
  {{ asset("vendor/bootstrap-5.3.9.rtl.min.css" if direction == "rtl" else "vendor/bootstrap-5.3.9.min.css")|tojson }},
  {{ asset("css/medley.css")|tojson }}, {{ asset("css/screens.css")|tojson }}, {{ asset("js/early.js")|tojson }},
  {{ asset("js/again.js")|tojson }}, {{ asset("img/mark.svg")|tojson }}, {{ asset("icons.svg")|tojson }},
];
const KEPT = `medley ${PARTS.join(" ")}`;

addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(KEPT);
  await cache.addAll([OFFLINE, ...PARTS].map((address) => new Request(address, { credentials: "omit", cache: "no-cache" })));
  await skipWaiting();
})()));

addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
  await registration.navigationPreload?.enable();
  await clients.claim();
})()));

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    event.respondWith((async () => {
      try { return (await event.preloadResponse) || (await fetch(request)); } catch { return (await caches.match(OFFLINE)) || Response.error(); }
    })());
  } else if (PARTS.includes(new URL(request.url).pathname)) {
    event.respondWith((async () => (await caches.match(request)) || fetch(request))());
  }
});
