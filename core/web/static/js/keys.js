/* Single keys outside fields, listed under `?` and switched off there (WCAG 2.1.4). Others hear them as "m:key". */
const dialog = document.querySelector("[data-m-keys]");
const toggle = document.querySelector("[data-m-keys-on]");
const read = () => { try { return localStorage.getItem("medley.keys") !== "off"; } catch { return true; } };
let on = read();

if (toggle) {
  toggle.checked = on;
  toggle.addEventListener("change", () => {
    on = toggle.checked;
    try { localStorage.setItem("medley.keys", on ? "on" : "off"); } catch { /* private window */ }
  });
}

document.addEventListener("keydown", (event) => {
  if (!on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]:not([contenteditable=false])")) return;
  if (event.key === "?") { event.preventDefault(); dialog?.showModal(); return; }
  if (event.key === "/" || /^[a-z]$/.test(event.key)) {
    const heard = new CustomEvent("m:key", { detail: event.key, cancelable: true });
    document.dispatchEvent(heard);
    if (event.key === "/" || heard.defaultPrevented) event.preventDefault();
  }
});
