// The brightness control in the header. "auto" follows the system and stores nothing.
const PAPERS = { light: "#f3f5ee", dim: "#171d1a", dark: "#121815" };
const SYSTEM = { "(prefers-color-scheme: light)": PAPERS.light, "(prefers-color-scheme: dark)": PAPERS.dark };

function remember(theme) {
  try {
    if (theme === "auto") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch { /* no storage: the choice lasts for this page */ }
}

function apply(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
    meta.content = PAPERS[theme] ?? SYSTEM[meta.media];
  }
}

export default function themeSwitch(select) {
  const show = () => { select.value = document.documentElement.dataset.theme ?? "auto"; };
  // Whoever chose before this script came has chosen.
  if (select.value === "auto") show();
  else { remember(select.value); apply(select.value); }
  addEventListener("pageshow", show);
  select.addEventListener("change", () => { remember(select.value); apply(select.value); });
  addEventListener("storage", (event) => {
    if (event.key === "theme") { apply(PAPERS[event.newValue] ? event.newValue : "auto"); show(); }
  });
}
