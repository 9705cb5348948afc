// Names one submission, so that the server can tell a repeat from a new request.
// The same text sent twice keeps its name; an edit after a send, or coming back to the page, makes a new one.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain http has no randomUUID
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default function submissionId(form) {
  const field = form.elements.namedItem("submission_id");
  if (!field) return;
  const [visit] = performance.getEntriesByType("navigation");
  let sent = false;
  const renew = () => { field.value = newId(); sent = false; };
  // A browser may fill in the id of the last submission when it comes back without its page cache.
  if (!field.value || visit?.type === "back_forward") renew();
  form.addEventListener("submit", () => { sent = true; });
  for (const kind of ["input", "change"]) form.addEventListener(kind, () => { if (sent) renew(); });
  addEventListener("pageshow", (event) => { if (event.persisted) renew(); });
}
