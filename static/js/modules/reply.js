// Brings the reply form to the comment that is being answered, and back; without it the link leads to a page that does the same.
import make from "../dom.js";

const box = document.querySelector(".reply-form");
const parent = box?.querySelector('[name="parent_id"]');
const title = document.querySelector("#respond");
const home = document.createComment("");
const cancel = make("button", { type: "button", className: "button button-plain" }, "Cancel reply");
let answered;

function answer(number, words) {
  parent.value = number;
  title.textContent = words;
  parent.dispatchEvent(new Event("input", { bubbles: true })); // for the draft
}

cancel.addEventListener("click", () => {
  home.replaceWith(box);
  cancel.remove();
  answer("", "Leave a reply");
  answered.focus();
});

export default function reply(link) {
  if (!parent) return; // this page has comments but no form: the link leads to the one that has
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (!home.parentNode) box.before(home);
    answered = link;
    const typing = document.activeElement;
    box.querySelector("#respond + p")?.remove(); // the server's way to cancel
    parent.form.prepend(cancel);
    link.closest("article").after(box);
    answer(link.dataset.comment, link.getAttribute("aria-label"));
    if (event.isTrusted) box.querySelector("textarea").focus();
    else if (box.contains(typing)) typing.focus(); // where a draft comes back, whoever types in the form goes on
  });
}
