/* Boards: a card can be dragged to where one of its steps leads. What the menu of a card offers is all that works. */
const board = document.querySelector("[data-m-board]");
let held = null;

const stepsTo = (card, column) => [...card.querySelectorAll("[data-m-step]")].filter((step) => step.dataset.mStep === column);
const columns = () => [...board.querySelectorAll("[data-m-column]")];
const settle = () => {
  held?.classList.remove("is-held");
  columns().forEach((column) => column.classList.remove("is-open", "is-over"));
  held = null;
};
const go = (card, column) => {
  const steps = stepsTo(card, column);
  if (steps.length > 1) {
    const menu = card.querySelector("[data-m-menu]");
    menu.open = true;
    steps[0].querySelector("button")?.focus();
    return;
  }
  const [step] = steps;
  if (step?.tagName === "A") location.assign(step.href); else step?.requestSubmit();
};

if (board) {
  const mouse = matchMedia("(pointer: fine) and (min-width: 768px)");
  const ready = () => board.querySelectorAll("[data-m-card]").forEach((card) => { card.draggable = mouse.matches && Boolean(card.querySelector("[data-m-step]")); });
  ready();
  mouse.addEventListener("change", ready);
  board.addEventListener("dragstart", (event) => {
    held = event.target.closest?.("[data-m-card]");
    if (!held) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.querySelector(".m-card-name").textContent);
    held.classList.add("is-held");
    columns().forEach((column) => column.classList.toggle("is-open", stepsTo(held, column.dataset.mColumn).length > 0));
  });
  board.addEventListener("dragover", (event) => {
    const column = event.target.closest?.("[data-m-column].is-open");
    columns().forEach((one) => one.classList.toggle("is-over", one === column));
    if (column) event.preventDefault();
  });
  board.addEventListener("drop", (event) => {
    const column = event.target.closest?.("[data-m-column].is-open");
    if (!column || !held) return;
    event.preventDefault();
    const card = held;
    settle();
    go(card, column.dataset.mColumn);
  });
  board.addEventListener("dragend", settle);

  // The arrow keys go from card to card, sideways from column to column.
  board.addEventListener("keydown", (event) => {
    const step = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }[event.key];
    const card = event.target.closest?.("[data-m-card]");
    if (!step || !card || !event.target.matches(".m-card-name")) return;
    event.preventDefault();
    const sideways = document.dir === "rtl" ? -step[0] : step[0];
    const filled = columns().filter((column) => column.querySelector("[data-m-card]"));
    const own = filled.indexOf(card.closest("[data-m-column]"));
    const cards = (column) => [...column.querySelectorAll("[data-m-card]")];
    const at = cards(filled[own]).indexOf(card);
    const column = filled[Math.min(Math.max(own + sideways, 0), filled.length - 1)];
    const there = cards(column);
    there[Math.min(Math.max(at + step[1], 0), there.length - 1)].querySelector(".m-card-name").focus();
  });
}
