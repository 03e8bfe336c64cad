/* One search in the product: Ctrl+K, or / outside a field. What is typed travels in a POST body, never in an address. */
const dialog = document.querySelector("[data-m-palette]");
if (dialog) {
  const input = dialog.querySelector("[role=combobox]");
  const list = dialog.querySelector("[role=listbox]");
  const say = dialog.querySelector("[data-m-palette-say]");
  const pause = Number(dialog.dataset.mWait) || 150;
  const svg = "http://www.w3.org/2000/svg";
  let options = [];
  let at = -1;
  let asked = 0;
  let pending = false;
  let timer = 0;

  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const speak = (text, quiet) => { say.textContent = text; say.classList.toggle("is-quiet", quiet || !text); };

  // Marks are [from, to) counted in characters, as Python counts them.
  const marked = (text, marks) => {
    const letters = Array.from(text);
    const part = document.createDocumentFragment();
    let from = 0;
    for (const [start, end] of marks || []) {
      if (start < from || end > letters.length) continue;
      part.append(letters.slice(from, start).join(""), make("mark", "", letters.slice(start, end).join("")));
      from = end;
    }
    part.append(letters.slice(from).join(""));
    return part;
  };

  const icon = (name) => {
    const drawing = document.createElementNS(svg, "svg");
    drawing.setAttribute("class", "bi");
    drawing.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(svg, "use");
    use.setAttribute("href", `${list.dataset.mIcons}#${name}`);
    drawing.append(use);
    return drawing;
  };

  const here = (url) => { try { return new URL(url, location.href).origin === location.origin; } catch { return false; } };

  const choose = (next) => {
    if (!options.length) { at = -1; input.removeAttribute("aria-activedescendant"); return; }
    options[at]?.setAttribute("aria-selected", "false");
    at = (next + options.length) % options.length;
    options[at].setAttribute("aria-selected", "true");
    options[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[at].id);
  };

  const open = (option, beside) => {
    if (!option || !here(option.dataset.url)) return;
    if (beside) { window.open(option.dataset.url, "_blank", "noopener"); return; }
    dialog.close();
    location.assign(option.dataset.url);
  };

  const draw = (answer) => {
    pending = false;
    list.replaceChildren();
    options = [];
    at = -1;
    for (const [number, group] of (answer.groups || []).entries()) {
      const box = make("div");
      const title = make("div", "m-pal-group", group.title);
      title.id = `m-pal-g${number}`;
      title.setAttribute("role", "presentation");
      box.setAttribute("role", "group");
      box.setAttribute("aria-labelledby", title.id);
      box.append(title);
      for (const item of group.items) {
        const option = make("div", "m-opt");
        option.id = `m-pal-o${options.length}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.url = item.url;
        const words = make("div");
        const name = make("bdi");
        name.append(marked(item.label, item.marks));
        words.append(name);
        if (item.detail) words.append(make("small", "", item.detail));
        const hint = make("kbd", "", "Enter");
        hint.setAttribute("aria-hidden", "true");
        option.append(icon(item.icon || "arrow-right"), words, hint);
        const own = options.length;
        option.addEventListener("pointermove", () => { if (at !== own) choose(own); });
        option.addEventListener("click", (event) => open(option, event.ctrlKey || event.metaKey));
        options.push(option);
        box.append(option);
      }
      if (group.items.length) list.append(box);
    }
    input.setAttribute("aria-expanded", String(options.length > 0));
    choose(0);
    if (answer.more) speak(dialog.dataset.mMore);
    else if (options.length) speak(dialog.dataset.mFound + options.length, true);
    else speak(input.value.trim() ? dialog.dataset.mNone : "");
  };

  const ask = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(dialog.dataset.mPalette, {
        method: "POST",
        credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRF-Token": dialog.dataset.mCsrf },
        body: new URLSearchParams({ q: input.value }),
      });
      if (mine !== asked) return;
      if (answer.status === 401 || answer.redirected) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      if (mine === asked) draw(found);
    } catch { if (mine === asked) { draw({}); speak(dialog.dataset.mFailed); } }
  };

  const show = () => {
    if (dialog.open || document.querySelector("dialog[open]")) return;
    dialog.showModal();
    input.select();
    ask();
  };

  input.addEventListener("input", () => { clearTimeout(timer); asked += 1; pending = true; timer = setTimeout(ask, pause); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) { event.preventDefault(); choose(at < 0 ? 0 : at + moves[event.key]); }
    else if (event.key === "Enter") {
      event.preventDefault();
      // The list still answers an older question: opening it could open the wrong person.
      if (pending) { clearTimeout(timer); ask(); } else open(options[at], event.ctrlKey || event.metaKey);
    }
  });
  // What was looked for does not stay on a screen others can see.
  dialog.addEventListener("close", () => { clearTimeout(timer); asked += 1; input.value = ""; draw({}); });

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-m-palette-open]")) return;
    event.preventDefault();
    show();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") { event.preventDefault(); show(); }
  });
  document.addEventListener("m:key", (event) => { if (event.detail === "/") show(); });
}
