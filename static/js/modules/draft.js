// Keeps a comment that is being written through a reload or a failed network, for a day; gone once the comment has arrived.
import { DAY, drop, isNew, read, sweep, wasSent, write } from "../storage.js";

const PREFIX = "draft:";
const FIELDS = ["body", "name", "email"];

// The page of a comment that has arrived. A draft begun since then stays.
function arrived(key) {
  if (wasSent() || read(key)?.sent) drop(key);
}

function keep(form, key) {
  const fields = FIELDS.map((name) => form.elements[name]);
  const parent = form.elements.parent_id;
  const [clear, said] = form.querySelector(".draft-line").children;
  clear.closest(".room").hidden = false;

  const save = (sent) => {
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    clear.hidden = !values.body;
    if (values.body) write(key, { ...values, parent: parent.value, sent, at: Date.now(), for: DAY });
    else drop(key);
  };
  sweep();
  wasSent();
  const draft = read(key);
  const [body] = fields;
  // Begun before this script was there: what was kept comes before it, and both are kept from now on.
  const isBegun = isNew() && body.value && !body.defaultValue && !body.value.startsWith(draft?.body);
  if (isBegun && draft) body.setRangeText(`${draft.body}\n\n`, 0, 0, "preserve");
  if (draft && (isBegun || !body.value)) {
    for (const field of fields) field.value ||= draft[field.name] ?? "";
    body.dispatchEvent(new Event("input", { bubbles: true }));
    write(key, { ...draft, sent: false });
    if (!parent.value && draft.parent) document.querySelector(`[data-comment="${draft.parent}"]`)?.click();
    said.textContent = "What you wrote before is back."
      + (draft.parent && !parent.value ? " It stands alone: the comment it answers is not on this page." : "");
  }
  clear.hidden = !draft || !body.value;
  if (isBegun) save(false);
  form.addEventListener("input", (event) => {
    if (![...fields, parent].includes(event.target)) return;
    said.textContent = "";
    save(false);
  });
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) save(event.submitter?.value !== "preview");
  });
  // In the capture phase, so that the pause after a send does not begin for what was not sent.
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    save(false);
    said.textContent = "There is no network: nothing was sent. What you wrote is kept here.";
  }, true);
  clear.addEventListener("click", () => {
    drop(key);
    for (const field of fields) field.value = "";
    fields[0].dispatchEvent(new Event("input", { bubbles: true }));
    said.textContent = "The draft was cleared.";
    fields[0].focus();
  });
}

export default function draft(element) {
  const key = PREFIX + element.dataset.article;
  if (element.tagName === "FORM") keep(element, key);
  else arrived(key);
}
