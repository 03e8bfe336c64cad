/* Forms: sent once, never left by accident, errors first, passwords shown on wish, Ctrl+Enter to save. */
let sending = false;
const changed = new Set();

for (const form of document.querySelectorAll("form[data-m-form]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) { event.preventDefault(); return; }
    sent = sending = true;
    const button = event.submitter || form.querySelector("[type=submit]");
    if (!button) return;
    button.setAttribute("aria-busy", "true");
    const spinner = document.createElement("span");
    spinner.className = "spinner-border spinner-border-sm";
    spinner.setAttribute("aria-hidden", "true");
    const icon = button.querySelector(".bi");
    icon ? icon.replaceWith(spinner) : button.prepend(spinner);
    // Back from the next page, or a refused connection: the form can be sent again.
    const restore = () => { sent = sending = false; button.removeAttribute("aria-busy"); icon ? spinner.replaceWith(icon) : spinner.remove(); };
    addEventListener("pageshow", (shown) => { if (shown.persisted) restore(); }, { once: true });
    setTimeout(restore, 20000);
  });
}

const warn = (event) => { if (changed.size && !sending) { event.preventDefault(); event.returnValue = ""; } };
for (const form of document.querySelectorAll("form[data-m-unsaved]")) {
  const note = (event) => {
    if (event.target.closest("[data-m-pick], [data-m-ignore]")) return;
    if (!changed.size) addEventListener("beforeunload", warn);
    changed.add(form);
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("reset", () => changed.delete(form));
}
document.addEventListener("m:leaving", () => changed.clear());
// A link that throws the draft away on purpose says so.
document.addEventListener("click", (event) => { if (event.target.closest("[data-m-discard]")) changed.clear(); });

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form[data-m-form]") || document.querySelector("form[data-m-unsaved]");
  if (!form) return;
  event.preventDefault();
  const primary = [...form.elements].find((element) => element.matches(".btn-primary[type=submit]"));
  // What must be decided is pressed on purpose: an impatient second Ctrl+Enter only brings one to the button.
  if (primary?.classList.contains("m-deliberate")) primary.focus();
  else form.requestSubmit(primary || undefined);
});

document.querySelector("[data-m-focus]")?.focus();
// A link in the summary goes to the field, not only into its sight.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".m-summary a[href^='#']");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  (field.matches("fieldset") ? field.querySelector("input, select, textarea") : field)?.focus();
  field.scrollIntoView({ block: "center" });
});

for (const button of document.querySelectorAll("[data-m-show]")) {
  const input = document.getElementById(button.dataset.mShow);
  const words = [button.querySelector("span").textContent, button.dataset.mOther];
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    button.querySelector("span").textContent = words[shown ? 0 : 1];
    const use = button.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, shown ? "#eye" : "#eye-slash"));
  });
  input.form?.addEventListener("submit", () => { input.type = "password"; });
}

// A select or box marked so sends its form as soon as it is changed; the form's own button serves without JavaScript.
document.addEventListener("change", (event) => { if (event.target.matches("[data-m-send]")) event.target.form?.requestSubmit(); });
