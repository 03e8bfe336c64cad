/* Bars that keep themselves true: ask the address for {done, total, words, finished} until it is finished.
   Slower while nothing changes or the page is out of sight; when all is finished the page shows the result. */
for (const place of document.querySelectorAll("[data-m-poll]")) {
  const bar = place.querySelector("progress");
  const words = place.querySelector("[data-m-poll-words]");
  let wait = 1000;
  let before = "";

  const ask = async () => {
    if (document.hidden) { setTimeout(ask, 2000); return; }
    try {
      const answer = await fetch(place.dataset.mPoll, { headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store" });
      if (answer.status === 401 || answer.status === 403 || answer.status === 404) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      if (now.total) { bar.max = now.total; bar.value = now.done; } else bar.removeAttribute("value");
      if (now.words && words.textContent !== now.words) words.textContent = now.words;
      if (now.finished) { if (place.dataset.mPollThen !== "stay") location.reload(); return; }
      const state = `${now.done}/${now.total}`;
      wait = state === before ? Math.min(wait * 1.5, 8000) : 1000;
      before = state;
    } catch { wait = Math.min(wait * 2, 15000); }
    setTimeout(ask, wait);
  };
  setTimeout(ask, wait);
}
