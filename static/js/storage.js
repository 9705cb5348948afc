// What this browser keeps for its user; where storage is blocked nothing is kept and nothing fails.
export function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch { return null; }
}

export function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch { /* blocked or full */ }
}

export function drop(key) {
  try {
    localStorage.removeItem(key);
  } catch { /* blocked */ }
}

// Whether a form of the page before was sent before its script was there; load.js notes it.
export function wasSent() {
  try {
    const sent = sessionStorage.getItem("sent");
    sessionStorage.removeItem("sent");
    return Boolean(sent);
  } catch { return false; /* blocked */ }
}

// Whether this page is no reload and no way back, where the browser itself fills in fields; theme.js looks.
export const isNew = () => "arrives" in document.documentElement.dataset;

export const HALF_HOUR = 30 * 60 * 1000; // ms
export const DAY = 48 * HALF_HOUR;

// Drops each draft that is older than it was to be kept `for`.
export function sweep() {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("draft:") && !(Date.now() - read(key)?.at < read(key)?.for)) drop(key);
    }
  } catch { /* blocked */ }
}
