// Warns before a comment with personal details is posted; the server's patterns are the ones that count.
import make, { checkBox } from "../dom.js";

const PATTERNS = {
  "a CNIC number": /(?<![\d+-])\d{5}[- ]?\d{7}[- ]?\d(?![\d-])/g,
  "an email address": /[\w.+-]+@[\w-]+(\.[\w-]+)+/g,
  "a phone number": /(?<![\w./-])\(?(\+|00?)[1-9]([ .()-]{0,3}\d){8,13}(?!\d)/g,
  "a medicine with its dose": /(?<![\w.,])\d[\d.,]* ?-?(mc?g|ml|iu|units?|tablets?|goli|ملی ?گرام|گولی)(?![\p{L}\d/])/giu,
};

function findings(text) {
  const plain = text.replace(/[۰-۹٠-٩]/g, (digit) => digit.charCodeAt(0) & 15).replace(/https?:\S+/g, "");
  return Object.entries(PATTERNS).flatMap(([kind, pattern]) => (plain.match(pattern) ?? []).map((found) => `${kind}: ${found}`));
}

export default function personalDetails(form) {
  const box = form.querySelector("template").content.firstElementChild;
  // In the capture phase, so that the pause after a send does not begin for what was not sent.
  form.addEventListener("submit", (event) => {
    const found = event.submitter?.value === "preview" ? [] : findings(form.elements.body.value);
    const agreed = form.querySelector("#confirm-public");
    if (!found.length || agreed?.checked) return;
    event.preventDefault();
    box.querySelector("ul").replaceChildren(...found.map((text) => make("li", {}, text)));
    form.querySelector(".button-row").before(box);
    if (!agreed) {
      const [, choice] = checkBox("confirm-public", "Post it as it is");
      box.after(choice);
    }
    box.focus();
  }, true);
}
