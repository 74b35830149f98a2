/* Follows the light or dark theme that the system prefers; runs before the first paint. */
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () =>
    document.documentElement.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  dark.addEventListener("change", follow);
  follow();
})();
