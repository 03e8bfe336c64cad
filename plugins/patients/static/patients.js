/* The desk: results while somebody types, and who may be the person that is being registered. Both ask by POST. */
const token = (form) => form.querySelector("[name=csrf_token]").value;

const ask = async (form, address, body, signal) => {
  const answer = await fetch(address, {
    method: "POST", body, signal, credentials: "same-origin", cache: "no-store", headers: { "X-CSRF-Token": token(form) },
  });
  return answer.ok ? answer.text() : null;
};

// The answer is a page of our own server; it is put in place as nodes, and no script in it would run.
const put = (place, html) => place.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);

const later = (pause, work) => {
  let timer = 0;
  let running = null;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      running?.abort();
      running = new AbortController();
      try { await work(running.signal); } catch (failure) { if (failure.name !== "AbortError") return; }
    }, pause);
  };
};

const find = document.querySelector("[data-patients-find]");
const results = document.querySelector("[data-patients-results]");
if (find && results) {
  const field = find.elements.q;
  let shown = field.value.trim();
  const search = async (signal) => {
    const asked = field.value.trim();
    if (asked === shown) return;
    const html = await ask(find, find.action, new FormData(find), signal);
    if (html === null || asked !== field.value.trim() || !asked) return;
    shown = asked;
    put(results, html);
  };
  if ("patientsWhileTyping" in find.dataset) {
    field.addEventListener("input", later(Number(find.dataset.patientsPause) || 300, search));
  }
  // Down goes into the list, Enter on a name opens it.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    const first = results.querySelector("tbody a[href]");
    if (first) { event.preventDefault(); first.focus(); }
  });
  results.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...results.querySelectorAll("tbody a[href]")];
    const at = links.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    (links[at + step] || (step < 0 ? field : links[at])).focus();
  });
}

const form = document.querySelector("[data-patients-alike]");
const beside = document.querySelector("[data-patients-alike-here]");
const note = document.querySelector("[data-patients-alike-note]");
if (form && beside) {
  const compare = later(500, async (signal) => {
    if ((form.elements.name.value || "").trim().length < 3) return;
    const html = await ask(form, form.dataset.patientsAlike, new FormData(form), signal);
    if (html === null) return;
    put(beside, html);
    if (note) note.hidden = !beside.querySelector("section");
    const born = beside.querySelector("[data-patients-born]");
    const help = document.getElementById(`${form.elements.born.id}-help`);
    if (born && help) help.textContent = born.textContent;
  });
  form.addEventListener("change", compare);
  form.elements.name.addEventListener("input", compare);
}
