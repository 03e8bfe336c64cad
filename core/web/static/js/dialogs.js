/* Dialogs: any button with data-m-dialog="id" opens that <dialog>; a click beside it closes it. */
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-m-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.mDialog);
    if (!dialog?.showModal) return;
    event.preventDefault();
    dialog.showModal();
    return;
  }
  if (event.target.closest?.("[data-m-dialog-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches?.("dialog[open]:not([data-m-idle])")) {
    const edge = event.target.getBoundingClientRect();
    const inside = event.clientX >= edge.left && event.clientX <= edge.right && event.clientY >= edge.top && event.clientY <= edge.bottom;
    if (!inside) event.target.close();
  }
});
// A link with data-m-load="id" opens the form of the page it leads to in a dialog; without scripts it is that page.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-m-load]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const form = page.querySelector("[data-m-loaded]");
    if (!form) throw new Error("nothing to show");
    document.getElementById(link.dataset.mLoad)?.remove();
    const dialog = document.createElement("dialog");
    dialog.className = "m-dialog is-wide";
    dialog.id = link.dataset.mLoad;
    const title = document.createElement("h2");
    title.id = `${dialog.id}-title`;
    title.textContent = page.querySelector("h1")?.textContent || link.textContent;
    dialog.setAttribute("aria-labelledby", title.id);
    const head = document.createElement("header");
    const shut = document.createElement("button");
    shut.type = "button";
    shut.className = "btn btn-quiet m-icon-btn";
    shut.dataset.mDialogClose = "";
    shut.setAttribute("aria-label", document.querySelector("#m-keys header button")?.getAttribute("aria-label") || "×");
    shut.textContent = "×";
    head.append(title, shut);
    dialog.append(head, form);
    document.body.append(dialog);
    dialog.showModal();
    form.dispatchEvent(new CustomEvent("m:loaded", { bubbles: true }));
  } catch { location.assign(link.href); }
});
// A page may come back with a dialog that has to be answered.
document.querySelectorAll("dialog[data-m-open]").forEach((dialog) => dialog.showModal());
