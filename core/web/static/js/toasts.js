/* Toasts: one at a time, ten seconds, waiting while the pointer or the focus is on them.
   Any module may ask for one: document.dispatchEvent(new CustomEvent("m:toast", { detail: { text } })). */
const place = document.querySelector("[data-m-toasts]");
const waiting = [];
let shown = null;
let timer = 0;

const stay = () => clearTimeout(timer);
const go = () => { stay(); timer = setTimeout(next, 10000); };

function next() {
  stay();
  shown?.remove();
  shown = waiting.shift() || null;
  if (!shown) return;
  place.append(shown);
  go();
}

function queue(toast) {
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stay);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, go);
  toast.addEventListener("keydown", (event) => { if (event.key === "Escape") next(); });
  waiting.push(toast);
}

if (place) {
  const first = [...place.querySelectorAll("[data-m-toast]")];
  first.forEach((toast) => { toast.remove(); queue(toast); });
  // A live region speaks only of what comes after it is there.
  if (first.length) setTimeout(next, 120);

  document.addEventListener("m:toast", (event) => {
    const toast = document.createElement("div");
    toast.className = "m-toast";
    const words = document.createElement("span");
    words.textContent = event.detail.text;
    toast.append(words);
    queue(toast);
    if (!shown) next();
  });
}
