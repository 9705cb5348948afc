// Keeps a request that is being written for half an hour; gone once it has arrived. In localStorage, since a phone that runs
// short of memory closes the tab; short, since phones are shared. Consent is given anew each time, so its box is not kept.
import { HALF_HOUR, drop, isNew, read, sweep, wasSent, write } from "../storage.js";

const KEY = "draft:/consultation"; // no article has a slash in its id
const TYPED = ["name", "phone", "email", "best_day", "message"];
const FIELDS = [...TYPED, "contact_by", "best_time", "treatment"];

sweep(); // here too: another module may come later, and what has run out must not be filled in

export const known = () => read(KEY)?.id;

// A visitor may have begun before the script was there: what they typed or chose stays.
function isUntouched(field) {
  if (field instanceof RadioNodeList) return [...field].every((radio) => radio.checked === radio.defaultChecked);
  if (field?.options) return field.selectedIndex < 1 || field.selectedOptions[0].defaultSelected;
  return !field?.value;
}

function put(field, value) {
  if (field instanceof RadioNodeList) for (const radio of field) radio.checked = radio.value === value;
  else if (field?.options && !value) field.selectedIndex = 0;
  else if (field) field.value = value;
}

export function keep(form, box, renew) {
  const fields = form.elements;
  const save = (sent) => {
    const values = Object.fromEntries(FIELDS.map((name) => [name, fields[name]?.value ?? ""]));
    if (TYPED.some((name) => values[name])) write(KEY, { values, sent, id: fields.submission_id.value, at: Date.now(), for: HALF_HOUR });
    else drop(KEY);
  };
  wasSent();
  const draft = read(KEY);
  const isFresh = form.dataset.fresh !== undefined;
  const isBegun = (isNew() || !isFresh) && TYPED.some((name) => fields[name].value);
  // A treatment that the link to this page has chosen stays.
  const isOpen = (name) => isUntouched(fields[name]) && (name !== "treatment" || !fields.treatment?.value);
  const filled = FIELDS.filter((name) => draft?.values[name] && isOpen(name));
  if (isFresh && draft) {
    for (const name of filled) put(fields[name], draft.values[name]);
    fields.message.dispatchEvent(new Event("input", { bubbles: true }));
    box.hidden = false;
  }
  if (isBegun) save(false);
  for (const kind of ["input", "change"]) form.addEventListener(kind, () => save(false));
  box.querySelector("button").addEventListener("click", () => {
    // Not what the next person has typed in between.
    for (const name of filled) put(fields[name], "");
    fields.message.dispatchEvent(new Event("input", { bubbles: true }));
    // The next person gives their own consent, and their request is another one.
    fields.consent.checked = false;
    renew();
    save(false);
    delete document.documentElement.dataset.draft;
    box.hidden = true;
    fields.name.focus();
  });
  return () => save(true);
}

// The receipt, when a request has just led to it: one that is reloaded or come back to says nothing of a later draft.
export default function arrived() {
  const isSent = wasSent() || read(KEY)?.sent;
  if (isNew() && isSent) drop(KEY);
}
