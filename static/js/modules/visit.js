// Counts this page, and keeps in this tab alone where the visit began, to go with a request. No cookie, no number of a person.
import { sweep, wasSent } from "../storage.js";

const KEY = "visit";
const UTM = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
const { pathname, search, host } = location;

function begin() {
  const query = new URLSearchParams(search);
  const told = UTM.filter((name) => query.get(name)).map((name) => [name, query.get(name)]);
  const from = document.referrer && new URL(document.referrer).host;
  return { landing: pathname, ...(from && from !== host && { referrer: from }), ...Object.fromEntries(told) };
}

function remember() {
  let seen;
  try {
    seen = JSON.parse(sessionStorage.getItem(KEY));
  } catch { /* blocked */ }
  seen ||= begin();
  if (/^\/blog\/[^/]+$/.test(pathname)) seen.article ||= pathname;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(seen));
  } catch { /* blocked */ }
  return new URLSearchParams(seen);
}

function note() {
  sweep();
  wasSent(); // of the page before this one, whether it matters here or not
  const told = remember();
  const field = document.querySelector("input[name=first_touch]");
  if (field) field.value = told;
  if (navigator.webdriver) return;
  told.set("page", pathname);
  const from = new URLSearchParams(search).get("from");
  if (from) told.set("article", from);
  // A page that is fetched ahead or sits in the background is counted when somebody looks at it.
  const count = () => {
    if (document.prerendering || document.hidden) return;
    document.removeEventListener("visibilitychange", count);
    navigator.sendBeacon("/views", told);
  };
  document.addEventListener("visibilitychange", count);
  document.addEventListener("prerenderingchange", count, { once: true });
  if (document.readyState === "complete") count();
  else addEventListener("load", count, { once: true });
}

// After what the reader sees: a look into a browser's storage waits for another process, and nobody sees what this is for.
export default function visit() {
  requestAnimationFrame(() => setTimeout(note));
}
