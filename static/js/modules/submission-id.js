// Names one submission, so that the server can tell a repeat from a new request. `known` finds the name that a draft keeps.
// The same text sent twice keeps its name, and so does a draft; an edit after a send, or a page come back to, gets a new one.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain http has no randomUUID
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default function submissionId(form, known) {
  const field = form.elements.submission_id;
  const [visit] = performance.getEntriesByType("navigation");
  let sent = false;
  const renew = (id) => { field.value = id ?? newId(); sent = false; };
  // A browser may fill in the id of the last submission when it comes back without its page cache.
  if (!field.value || visit?.type === "back_forward") renew(known());
  for (const kind of ["input", "change"]) form.addEventListener(kind, () => { if (sent) renew(); });
  addEventListener("pageshow", (event) => { if (event.persisted) renew(known()); });
  return { noteSent: () => { sent = true; }, renew: () => renew() };
}
