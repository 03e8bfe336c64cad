/* Without a connection: a line says so, no form is sent into the void, and the next page is one of ours. */
const line = document.querySelector("[data-m-offline]");
const draw = () => { if (line) line.hidden = navigator.onLine; };
addEventListener("online", draw);
addEventListener("offline", draw);
draw();

addEventListener("submit", (event) => {
  if (navigator.onLine || !line) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  draw();
  line?.focus();
}, { capture: true });

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/service-worker.js").catch(() => undefined);
