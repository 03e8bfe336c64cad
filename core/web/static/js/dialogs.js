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
// A page may come back with a dialog that has to be answered.
document.querySelectorAll("dialog[data-m-open]").forEach((dialog) => dialog.showModal());
