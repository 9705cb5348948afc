// Loads the ES module named by each data-module attribute. Comfort only: every page works without it.
for (const element of document.querySelectorAll("[data-module]")) {
  for (const name of element.dataset.module.split(" ")) {
    if (/^(staff\/)?[a-z-]+$/.test(name)) {
      import(name.startsWith("staff/") ? `./${name}.js` : `./modules/${name}.js`).then((module) => module.default(element)).catch(() => {});
    }
  }
}
