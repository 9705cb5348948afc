// A double tap sends once. The button stays enabled: after a failed network the next try goes through.
const PAUSE = 4000; // ms

export default function once(form) {
  let last = -Infinity;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (performance.now() - last < PAUSE) event.preventDefault();
    else last = performance.now();
  });
  addEventListener("pageshow", () => { last = -Infinity; });
}
