/* Lists: mark rows, count them, walk them with J and K. */
const picks = [...document.querySelectorAll("[data-m-pick]")];
const all = document.querySelector("[data-m-pick-all]");
const bar = document.querySelector("[data-m-picked]");

const count = () => {
  const marked = picks.filter((pick) => pick.checked).length;
  if (all) { all.checked = marked > 0 && marked === picks.length; all.indeterminate = marked > 0 && marked < picks.length; }
  if (bar) { bar.hidden = !marked; bar.querySelector("[data-m-picked-count]").textContent = String(marked); }
};
all?.addEventListener("change", () => { picks.forEach((pick) => { pick.checked = all.checked; }); count(); });
document.querySelectorAll("[data-m-unpick]").forEach((button) => button.addEventListener("click", () => { picks.forEach((pick) => { pick.checked = false; }); count(); }));

// Shift marks everything between this row and the one before.
let last = null;
picks.forEach((pick, at) => pick.addEventListener("click", (event) => {
  if (event.shiftKey && last !== null) picks.slice(Math.min(at, last), Math.max(at, last) + 1).forEach((other) => { other.checked = pick.checked; });
  last = at;
  count();
}));
if (picks.length) { count(); addEventListener("pageshow", count); }

const rows = () => [...document.querySelectorAll("main .m-table tbody tr")].filter((row) => row.querySelector("a[href]"));
document.addEventListener("m:key", (event) => {
  const step = { j: 1, k: -1 }[event.detail];
  if (!step) return;
  const list = rows();
  if (!list.length) return;
  const at = list.findIndex((row) => row.contains(document.activeElement));
  const next = list[at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + step, 0), list.length - 1)];
  (next.querySelector(".m-lead a[href]") || next.querySelector("a[href]")).focus();
});
document.addEventListener("focusin", () => {
  document.querySelectorAll("tr.is-here").forEach((row) => row.classList.remove("is-here"));
  document.activeElement.closest?.("main .m-table tbody tr")?.classList.add("is-here");
});
