// Keeps what staff type until it is stored: through a reload, a lost network and a session that ended. In sessionStorage, so for this
// tab alone; gone with the sign-out, and before anybody else who signs in here sees it.
import make from "../dom.js";

const PREFIX = "typed:";

function storage() {
  try {
    return sessionStorage;
  } catch { return null; /* blocked: nothing is kept, and nothing fails */ }
}

function write(key, value) {
  try {
    storage()?.setItem(key, JSON.stringify(value));
  } catch { /* full */ }
}

const read = (key) => JSON.parse(storage()?.getItem(key) ?? "null");
const drop = (key) => storage()?.removeItem(key);
const keys = () => Object.keys(storage() ?? {}).filter((key) => key.startsWith(PREFIX));

function putBack(box, text, forget) {
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  const folded = box.closest("details");
  if (folded) folded.open = true;
  const clear = make("button", { type: "button", className: "row-quiet" }, "Clear it");
  const line = make("p", { className: "typed-line soft small" }, make("span", { role: "status" }, "What you typed before is back. "), clear);
  box.after(line);
  clear.addEventListener("click", () => {
    box.value = box.defaultValue;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    forget();
    line.remove();
    box.focus();
  });
}

function watch(box, own) {
  const key = `${own}${new URL(box.form.action).pathname}:${box.name}`;
  const known = read(key);
  const isBack = known?.text === box.defaultValue; // brought back by the server, with what is wrong
  const over = isBack ? known.over : box.defaultValue;
  // Not over a text that somebody has changed meanwhile.
  if (known && !isBack && known.over === over) putBack(box, known.text, () => drop(key));
  else if (!isBack) drop(key);
  box.addEventListener("input", () => {
    if (box.value === over) drop(key);
    else write(key, { text: box.value, over });
  });
  box.form.addEventListener("submit", () => {
    const typed = read(key);
    if (typed) write(key, { ...typed, sent: true });
  });
}

export default function typed(main) {
  const own = `${PREFIX}${main.dataset.me}:`;
  const isStored = main.querySelector(".flash-success") !== null;
  for (const key of keys()) {
    if (!key.startsWith(own) || (isStored && read(key).sent)) drop(key);
  }
  for (const box of main.querySelectorAll("form[method=post] textarea")) watch(box, own);
  document.querySelector(".more-me form")?.addEventListener("submit", () => keys().forEach(drop));
}
