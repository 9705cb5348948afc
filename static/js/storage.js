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

export function keys(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch { return []; }
}
