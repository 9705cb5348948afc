/* Before first paint: the light the reader chose, so nothing flashes, room for a draft that comes back, so nothing moves, and whether the
   reader arrives, or loads the page again or comes back to it. Inlined in <head>; the CSP holds its hash. */
(function () {
  var root = document.documentElement;
  var papers = { light: "#f3f5ee", dim: "#171d1a", dark: "#121815" };
  root.dataset.js = "";
  if ((performance.getEntriesByType("navigation")[0] || {}).type == "navigate") root.dataset.arrives = "";
  try {
    if (localStorage.getItem("draft:/consultation")) root.dataset.draft = "";
    var theme = localStorage.getItem("theme");
    if (papers[theme]) {
      root.dataset.theme = theme;
      document.querySelectorAll("meta[name=theme-color]").forEach(function (meta) { meta.content = papers[theme]; });
    }
  } catch (blocked) { /* no storage: the system's preference stays */ }
})();
