/* Runs before the first paint, so that a dark page never flashes white and a folded menu never jumps. */
(() => {
  const root = document.documentElement;
  root.dataset.mJs = "";
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

  // The choice on this computer holds until the account's own choice changes.
  const [account, mine] = (read("medley.theme") || "").split(">");
  const chosen = account === root.dataset.mTheme && mine ? mine : root.dataset.mTheme;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const show = (theme) => {
    root.dataset.bsTheme = theme === "dark" || (theme === "auto" && dark.matches) ? "dark" : "light";
    root.dataset.mShown = theme;
  };
  show(chosen);
  dark.addEventListener("change", () => show(root.dataset.mShown));
  document.addEventListener("m:theme", (event) => show(event.detail));

  // Pages that need the room start folded; what a person chose for either kind of page is remembered.
  root.dataset.mNavKind = root.dataset.mNav;
  root.dataset.mNav = read(`medley.nav.${root.dataset.mNavKind}`) || root.dataset.mNav;
})();
