// Keys for the moderation queue. Each presses a button that is there for everybody; none works while somebody is typing.
const PRESSES = { a: "approve", s: "spam", d: "trash" };
const PLACE = "queue-row"; // where one was, so that a decision by key goes on with the row that moved up

const remember = (place) => { try { sessionStorage.setItem(PLACE, place); } catch { /* storage is switched off */ } };
const recall = () => {
  try {
    const place = Number(sessionStorage.getItem(PLACE) ?? -1);
    sessionStorage.removeItem(PLACE);
    return place;
  } catch { return -1; }
};

export default function queueKeys(list) {
  const rows = [...list.querySelectorAll(".row")];
  const help = document.querySelector(".key-help");
  const opener = document.querySelector(".key-open");
  let at = -1;
  if (opener) {
    opener.closest(".key-line").hidden = false;
    opener.addEventListener("click", () => help.showModal());
  }

  const go = (to) => {
    if (to < 0 || to >= rows.length) return;
    at = to;
    rows.forEach((row, index) => row.classList.toggle("row-current", index === at));
    rows[at].tabIndex = -1;
    rows[at].focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  };

  const press = (button) => {
    if (!button) return;
    remember(at);
    button.click();
  };

  const write = (form) => {
    const box = rows[at]?.querySelector(form);
    if (!box) return;
    box.open = true;
    box.querySelector("textarea").focus();
  };

  const keys = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    x: () => rows[at]?.querySelector('[name="comment"]')?.click(),
    z: () => press(document.querySelector('.undo-bar [value="undo"]')),
    "?": () => help.showModal(),
    r: () => write(".row-answer"),
    e: () => write(".row-amend"),
  };
  for (const [key, action] of Object.entries(PRESSES)) {
    keys[key] = () => press(rows[at]?.querySelector(`.row-actions [value="${action}"]`));
  }

  list.addEventListener("focusin", (event) => {
    const to = rows.findIndex((row) => row.contains(event.target));
    if (to === at || to < 0) return;
    at = to;
    rows.forEach((row, index) => row.classList.toggle("row-current", index === at));
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.('input:not([type="checkbox"]), textarea, select, [contenteditable]');
    if (typing || event.repeat && !"jk".includes(event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
    const action = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  });
  go(Math.min(recall(), rows.length - 1));
}
