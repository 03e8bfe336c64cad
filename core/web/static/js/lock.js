/* Locking: what is half written is kept first, then the page is left without a question. */
const form = document.querySelector("form[data-m-lock]");
if (form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const kept = [];
    document.dispatchEvent(new CustomEvent("m:leaving", { detail: kept }));
    await Promise.race([Promise.allSettled(kept), new Promise((go) => setTimeout(go, 2000))]);
    form.submit();
  });
  document.addEventListener("m:key", (event) => {
    if (event.detail !== "l") return;
    event.preventDefault();
    form.requestSubmit();
  });
}
