/* Menus are <details>: they work alone; this adds closing from outside, Esc and the arrow keys. */
const menus = [...document.querySelectorAll("[data-m-menu]")];
const close = (menu, refocus) => { menu.open = false; if (refocus) menu.querySelector("summary").focus(); };

document.addEventListener("click", (event) => menus.forEach((menu) => { if (menu.open && !menu.contains(event.target)) close(menu); }));

menus.forEach((menu) => {
  menu.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) close(menu); });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) { event.stopPropagation(); close(menu, true); return; }
    if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    menu.open = true;
    const items = [...menu.querySelectorAll(".m-menu-list :is(a, button)")].filter((item) => item.offsetParent);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = items.indexOf(document.activeElement);
    items[(at < 0 ? (step > 0 ? 0 : items.length - 1) : at + step + items.length) % items.length]?.focus();
  });
});
