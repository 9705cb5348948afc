// Says how much room is left; a screen reader hears of it only near the limit, when the typing pauses.
import make from "../dom.js";

export default function charCount(field) {
  const shown = make("p", { ariaHidden: "true" });
  const spoken = make("p", { className: "visually-hidden", ariaLive: "polite" });
  let timer;
  field.after(shown, spoken);

  const count = () => {
    // Characters as the server counts them, not the halves of an emoji.
    const left = field.dataset.limit - [...field.value.trim().normalize()].length;
    shown.textContent = `Characters ${left < 0 ? "too many" : "left"}: ${String(Math.abs(left)).replace(/\B(?=(...)+$)/g, ",")}`;
    shown.className = `char-count field-${left < 0 ? "error" : "hint"}`;
    clearTimeout(timer);
    timer = setTimeout(() => { spoken.textContent = left > 200 ? "" : shown.textContent; }, 1000); // ms
  };
  field.addEventListener("input", count);
  count();
}
