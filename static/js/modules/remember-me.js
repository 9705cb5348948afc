// Fills in the name and email of who asked this device to remember them.
import { drop, read, write } from "../storage.js";

const KEY = "commenter";

export default function rememberMe(form) {
  const { name, email } = form.elements;
  const known = read(KEY);
  const input = form.querySelector("#remember-me");
  input.closest(".room").hidden = false;
  if (known) {
    input.checked = true;
    name.value ||= known.name;
    email.value ||= known.email;
  }
  input.addEventListener("change", () => { if (!input.checked) drop(KEY); });
  form.addEventListener("submit", () => { if (input.checked) write(KEY, { name: name.value, email: email.value }); });
}
