/* Arranging facts in sections: by the buttons, by dragging the handle, by the arrow keys on it. Saving is the form's. */
for (const form of document.querySelectorAll("form[data-m-arrange]")) {
  const say = form.querySelector("[data-m-arrange-say]");
  const sections = () => [...form.querySelectorAll("[data-m-section]")];
  const changed = () => form.dispatchEvent(new Event("change", { bubbles: true }));

  const tell = (fact) => {
    const list = fact.closest("[data-m-facts]");
    const title = fact.closest("[data-m-section]").querySelector("[name=section_title]")?.value || fact.closest("[data-m-section]").querySelector("h2").textContent;
    const facts = [...list.querySelectorAll("[data-m-fact]")];
    const words = [fact.querySelector("[data-m-label]").textContent, facts.indexOf(fact) + 1, facts.length, title];
    say.textContent = words.reduce((text, word, at) => text.replace(`%${at + 1}`, word), form.dataset.mArrangeSaid);
    changed();
  };

  const step = (fact, down) => {
    const list = fact.closest("[data-m-facts]");
    const beside = down ? fact.nextElementSibling : fact.previousElementSibling;
    if (beside) { if (down) beside.after(fact); else beside.before(fact); } else {
      const all = sections();
      const other = all[all.indexOf(list.closest("[data-m-section]")) + (down ? 1 : -1)];
      if (!other) return;
      if (down) other.querySelector("[data-m-facts]").prepend(fact); else other.querySelector("[data-m-facts]").append(fact);
    }
    tell(fact);
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-m-move]");
    if (!button) return;
    const verb = button.dataset.mMove;
    const section = button.closest("[data-m-section]");
    if (verb === "gone") return;
    event.preventDefault();
    if (verb === "up" || verb === "down") step(button.closest("[data-m-fact]"), verb === "down");
    else {
      const other = verb === "section-down" ? section.nextElementSibling : section.previousElementSibling;
      if (!other?.matches("[data-m-section]")) return;
      if (verb === "section-down") other.after(section); else other.before(section);
      changed();
    }
    button.focus();
  });

  form.addEventListener("keydown", (event) => {
    if (!event.target.matches("[data-m-handle]") || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    step(event.target.closest("[data-m-fact]"), event.key === "ArrowDown");
    event.target.focus();
  });

  let held = null;
  form.addEventListener("dragstart", (event) => {
    held = event.target.closest?.("[data-m-handle]")?.closest("[data-m-fact]") || null;
    if (!held) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.setDragImage(held, 12, 12);
    held.classList.add("is-held");
  });
  form.addEventListener("dragover", (event) => {
    const list = event.target.closest?.("[data-m-section]")?.querySelector("[data-m-facts]");
    if (!held || !list) return;
    event.preventDefault();
    const under = [...list.querySelectorAll("[data-m-fact]")].find((fact) => fact !== held && event.clientY < fact.getBoundingClientRect().top + fact.offsetHeight / 2);
    if (under) under.before(held); else list.append(held);
  });
  form.addEventListener("drop", (event) => { if (held) event.preventDefault(); });
  form.addEventListener("dragend", () => {
    if (!held) return;
    held.classList.remove("is-held");
    tell(held);
    held = null;
  });
}
