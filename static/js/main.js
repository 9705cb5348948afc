// Runs the module named by each data-module attribute. Comfort only: every page works without it, and what a visitor typed or chose
// before it came stays. `need` comes with the joined file.
for (const element of document.querySelectorAll("[data-module]")) {
  for (const name of element.dataset.module.split(" ")) {
    try {
      need(name.startsWith("staff/") ? `${name}.js` : `modules/${name}.js`).default(element);
    } catch { /* one that fails, or that this browser does not know, leaves the page as it was */ }
  }
}
