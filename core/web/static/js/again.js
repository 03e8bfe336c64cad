/* The page shown without a connection: it asks every ten seconds whether the server is back, and goes on where one was. */
const back = async () => {
  try {
    const answer = await fetch("/healthz", { cache: "no-store" });
    if (answer.ok && location.pathname !== "/offline") location.reload();
  } catch { /* not yet */ }
};
document.querySelector("[data-m-again]")?.addEventListener("click", () => location.reload());
addEventListener("online", back);
setInterval(back, 10000);
