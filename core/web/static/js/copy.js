/* Copies data-m-copy to the clipboard and shows a tick for two seconds. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-m-copy]");
  if (!button) return;
  try { await navigator.clipboard.writeText(button.dataset.mCopy); } catch { return; }
  const use = button.querySelector("use");
  if (!use) return;
  const was = use.getAttribute("href");
  use.setAttribute("href", was.replace(/#.*/, "#check-lg"));
  setTimeout(() => use.setAttribute("href", was), 2000);
});
