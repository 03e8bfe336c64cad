/* Before a session ends for want of use: a minute's warning, one press to stay. Windows of one browser share the clock. */
const dialog = document.querySelector("[data-m-idle]");
if (dialog) {
  const limit = Number(dialog.dataset.mIdle) * 1000;
  const notice = Number(dialog.dataset.mIdleWarn || 60) * 1000;
  const left = dialog.querySelector("[data-m-idle-left]");
  // Whoever has a PIN is locked, everybody else signed out; the server knows which.
  const leave = () => {
    const form = document.querySelector("[data-m-lock]");
    if (!form) { location.reload(); return; }
    form.elements.idle.value = "1";
    form.requestSubmit();
  };
  let local = Date.now();
  let pinged = Date.now();
  const touch = () => { local = Date.now(); try { localStorage.setItem("medley.seen", String(local)); } catch { /* private window */ } };
  const seen = () => { try { return Math.max(local, Number(localStorage.getItem("medley.seen")) || 0); } catch { return local; } };
  // Only the server's clock counts in the end, so work on a page that asks for nothing tells it, at most once a minute.
  const ping = () => { pinged = Date.now(); return fetch(dialog.dataset.mIdlePing, { credentials: "same-origin", cache: "no-store" }).catch(() => undefined); };

  touch();
  for (const name of ["pointerdown", "keydown", "wheel"]) {
    addEventListener(name, () => {
      if (dialog.open) return;
      touch();
      if (Date.now() - pinged > Math.max(60000, limit / 4)) ping();
    }, { passive: true });
  }
  dialog.querySelector("[data-m-idle-stay]").addEventListener("click", () => { touch(); ping(); dialog.close(); });
  dialog.querySelector("[data-m-idle-leave]").addEventListener("click", leave);
  dialog.addEventListener("cancel", () => { touch(); ping(); });

  setInterval(() => {
    const rest = seen() + limit - Date.now();
    if (rest > notice) { if (dialog.open) dialog.close(); return; }
    if (rest <= 0) { leave(); return; }
    left.textContent = String(Math.ceil(rest / 1000));
    if (!dialog.open) dialog.showModal();
  }, 1000);
}
