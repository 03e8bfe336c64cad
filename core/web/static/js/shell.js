/* The frame: fold the navigation, choose colours, close the phone's menu, work a switch by keys. */
const root = document.documentElement;
const remember = (key, value) => { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* private window */ } };

const fold = document.querySelector("[data-m-nav-fold]");
if (fold) {
  const words = { wide: fold.title, rail: fold.dataset.mOther };
  const draw = () => {
    const state = root.dataset.mNav;
    fold.setAttribute("aria-expanded", String(state === "wide"));
    fold.title = fold.querySelector("span").textContent = words[state];
  };
  fold.addEventListener("click", () => {
    root.dataset.mNav = root.dataset.mNav === "rail" ? "wide" : "rail";
    remember(`medley.nav.${root.dataset.mNavKind}`, root.dataset.mNav);
    draw();
  });
  draw();
}

const themes = [...document.querySelectorAll("[data-m-theme-set]")];
const press = () => themes.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.mThemeSet === root.dataset.mShown)));
themes.forEach((button) => button.addEventListener("click", () => {
  document.dispatchEvent(new CustomEvent("m:theme", { detail: button.dataset.mThemeSet }));
  remember("medley.theme", `${root.dataset.mTheme}>${button.dataset.mThemeSet}`);
  press();
}));
press();

// The next person at this computer starts with their own colours.
document.querySelector("[data-m-sign-out]")?.addEventListener("submit", () => remember("medley.theme", null));

// The phone's menu is the navigation as the page's target; it starts at its top and "More" closes it again.
const nav = document.getElementById("m-nav");
addEventListener("hashchange", () => { if (nav && location.hash === "#m-nav") nav.scrollTop = 0; });
document.querySelector("[data-m-more]")?.addEventListener("click", (event) => {
  if (location.hash !== "#m-nav") return;
  event.preventDefault();
  location.hash = "#main";
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#m-nav") location.hash = "#main";
  if (event.key === " " && event.target.matches?.("a[role=switch], a[role=button]")) {
    event.preventDefault();
    event.target.click();
  }
});
