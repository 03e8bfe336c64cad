/* Fields that hold another record: two letters find it, arrows choose, Enter takes it, Esc leaves it. Without scripts the field takes a uid or an exact name. */
const wait = 200;

for (const [number, box] of document.querySelectorAll("[data-m-relation]").entries()) connect(box, number);
document.addEventListener("m:loaded", (event) => event.target.querySelectorAll("[data-m-relation]").forEach((box, number) => connect(box, `d${number}`)));

function connect(box, number) {
  const kept = box.querySelector("input");
  if (!kept || box.dataset.mReady) return;
  box.dataset.mReady = "1";
  const token = document.querySelector("[data-m-csrf]")?.dataset.mCsrf || document.querySelector("[name=csrf_token]")?.value || "";
  const input = kept.cloneNode();
  kept.type = "hidden";
  kept.removeAttribute("id");
  input.removeAttribute("name");
  input.value = box.dataset.mRelationShown || "";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", `m-rel-${number}`);
  input.setAttribute("autocomplete", "off");
  const list = document.createElement("div");
  list.className = "m-rel-list";
  list.id = `m-rel-${number}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label") || box.dataset.mRelationLabel || input.labels?.[0]?.textContent || "");
  list.hidden = true;
  kept.after(input, list);

  let options = [];
  let at = -1;
  let asked = 0;
  let timer = 0;
  let shown = input.value;

  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); at = -1; };
  const choose = (next) => {
    if (!options.length) return;
    options[at]?.setAttribute("aria-selected", "false");
    at = (next + options.length) % options.length;
    options[at].setAttribute("aria-selected", "true");
    options[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[at].id);
  };
  const take = (option) => {
    kept.value = option.dataset.uid;
    shown = input.value = option.dataset.label;
    close();
    kept.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const draw = (found) => {
    list.replaceChildren();
    options = found.map((one, position) => {
      const option = document.createElement("div");
      option.className = "m-rel-opt";
      option.id = `${list.id}-${position}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.uid = one.uid;
      option.dataset.label = one.label;
      const name = document.createElement("bdi");
      name.textContent = one.label;
      const detail = document.createElement("small");
      detail.textContent = one.detail;
      option.append(name, detail);
      list.append(option);
      return option;
    });
    if (!options.length) {
      const none = document.createElement("p");
      none.className = "m-rel-none";
      none.textContent = box.dataset.mRelationNone || "–";
      list.append(none);
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    if (options.length) choose(0);
  };
  const ask = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(box.dataset.mRelationUrl || "/pick", {
        method: "POST", credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRF-Token": token },
        body: new URLSearchParams({ to: box.dataset.mRelation, q: input.value }),
      });
      if (mine !== asked || !answer.ok) return;
      draw((await answer.json()).options || []);
    } catch { if (mine === asked) close(); }
  };

  input.addEventListener("input", () => {
    if (!input.value.trim()) { kept.value = ""; shown = ""; close(); return; }
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask(); else choose(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !list.hidden && options[at]) {
      event.preventDefault();
      event.stopPropagation();
      take(options[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  // What was typed and not chosen is not taken for a choice.
  input.addEventListener("blur", () => setTimeout(() => { if (!list.contains(document.activeElement)) { close(); input.value = kept.value ? shown : ""; } }, 150));
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) { event.preventDefault(); take(option); }
  });
}
