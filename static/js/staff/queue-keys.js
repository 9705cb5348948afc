// Keys for the moderation queue. Each presses a button that is there for everybody, and works only while the focus is within the queue:
// a letter typed elsewhere, or said to speech recognition, decides nothing (WCAG 2.1.4).
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
  const line = document.querySelector(".key-line");
  const undo = document.querySelector(".undo-bar");
  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const within = (selector) => rows[here()]?.querySelector(selector);
  line.hidden = false;
  line.querySelector("button").addEventListener("click", () => help.showModal());
  for (const row of rows) row.tabIndex = -1; // a click on a row begins there

  const go = (to) => {
    rows[to]?.focus({ preventScroll: true });
    rows[to]?.scrollIntoView({ block: "nearest" });
  };

  const press = (button) => {
    if (!button) return;
    remember(here());
    button.click();
  };

  const write = (form) => {
    const box = within(form);
    if (!box) return;
    box.open = true;
    box.querySelector("textarea").focus();
  };

  const keys = {
    j: () => go(here() + 1),
    k: () => go(here() - 1),
    x: () => within('[name="comment"]')?.click(),
    z: () => press(undo?.querySelector('[value="undo"]')),
    "?": () => help.showModal(),
    r: () => write(".row-answer"),
    e: () => write(".row-amend"),
  };
  for (const [key, action] of Object.entries(PRESSES)) {
    keys[key] = () => press(within(`.row-actions [value="${action}"]`));
  }

  const act = (event) => {
    const typing = event.target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable]');
    if (typing || event.repeat && !"jk".includes(event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const action = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!action) return;
    event.preventDefault();
    action();
  };
  for (const part of [list, line, undo]) part?.addEventListener("keydown", act);
  go(Math.min(recall(), rows.length - 1));
}
