/* Forms of records: fields that wait for another, lines that come and go, drafts that are kept by themselves. */

// A field with data-m-when="name" shows while that field has one of the values in data-m-when-in.
const waiting = [...document.querySelectorAll("[data-m-when]")];
const value = (name) => {
  const fields = [...document.getElementsByName(name)];
  const ticked = fields.find((field) => field.checked);
  if (fields.some((field) => field.type === "checkbox" || field.type === "radio")) return ticked ? ticked.value : "";
  return fields[0]?.value ?? "";
};
const settle = () => waiting.forEach((box) => { box.hidden = !box.dataset.mWhenIn.split("|").includes(value(box.dataset.mWhen)); });
if (waiting.length) { settle(); document.addEventListener("change", settle); }

// Lines: one more copies the last, emptied; taking one away hides it and says so to the server.
for (const group of document.querySelectorAll("[data-m-lines]")) {
  const list = group.querySelector(".m-lines-list");
  group.querySelector("[data-m-line-add]")?.addEventListener("click", (event) => {
    const last = list.querySelector("[data-m-line]:last-child");
    if (!last) return;
    event.preventDefault();
    const number = list.children.length;
    const fresh = last.cloneNode(true);
    fresh.hidden = false;
    const renamed = (text) => text.replace(new RegExp(`^(${group.dataset.mLines}-)\\d+-`), `$1${number}-`);
    fresh.querySelectorAll("[name], [id], [for], [aria-describedby]").forEach((element) => {
      for (const attribute of ["name", "id", "for", "aria-describedby"]) if (element.hasAttribute(attribute)) element.setAttribute(attribute, renamed(element.getAttribute(attribute)));
    });
    fresh.querySelectorAll("input, select, textarea").forEach((field) => {
      if (field.type === "checkbox") field.checked = field.defaultChecked && !field.name.endsWith("-gone"); else if (field.type !== "radio") field.value = "";
      field.removeAttribute("aria-invalid");
      field.classList.remove("m-invalid");
    });
    fresh.querySelectorAll(".m-error").forEach((error) => error.remove());
    list.append(fresh);
    fresh.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });
  group.addEventListener("change", (event) => {
    if (!event.target.matches("[data-m-line-gone]")) return;
    event.target.closest("[data-m-line]").classList.toggle("is-off", event.target.checked);
  });
}

// Drafts: five seconds after the last change, and when the page is left.
for (const form of document.querySelectorAll("form[data-m-draft]")) {
  const say = document.querySelector("[data-m-draft-say]");
  const token = () => form.querySelector("[name=csrf_token]")?.value || "";
  let changed = false;
  let timer = 0;
  const keep = async (leaving) => {
    if (!changed) return;
    changed = false;
    const body = new URLSearchParams([...new FormData(form)].filter(([, held]) => typeof held === "string"));
    body.set("m_draft", form.dataset.mDraft);
    try {
      const answer = await fetch(form.dataset.mDraftUrl, { method: "POST", credentials: "same-origin", keepalive: Boolean(leaving), headers: { Accept: "application/json", "X-CSRF-Token": token() }, body });
      if (!answer.ok) throw new Error(String(answer.status));
      const { saved } = await answer.json();
      if (say) say.textContent = (say.dataset.mSaved || "%s").replace("%s", saved);
    } catch { changed = true; if (say) say.textContent = say.dataset.mUnsaved || ""; }
  };
  form.addEventListener("input", () => { changed = true; clearTimeout(timer); timer = setTimeout(keep, 5000); });
  form.addEventListener("submit", () => { changed = false; clearTimeout(timer); });
  addEventListener("pagehide", () => keep(true));
  document.addEventListener("m:leaving", (event) => event.detail.push(keep(true)));
  document.addEventListener("click", (event) => { if (event.target.closest("[data-m-discard]")) { changed = false; clearTimeout(timer); forget(); } });
  const forget = () => fetch(form.dataset.mDraftUrl.replace(/\/?$/, "/forget"), { method: "POST", credentials: "same-origin", keepalive: true, headers: { Accept: "application/json", "X-CSRF-Token": token() }, body: new URLSearchParams({ m_draft: form.dataset.mDraft }) });
  document.querySelector("[data-m-draft-forget]")?.addEventListener("click", async (event) => { await forget(); event.target.closest(".m-note")?.remove(); });
}
