// Brings the reply form to the comment that is being answered, and back; without it the link leads to a page that does the same.
const box = document.querySelector(".reply-form");
const parent = box?.querySelector('[name="parent_id"]');
const title = box?.querySelector(".reply-title");
const plain = title?.textContent;
const home = document.createComment("reply form");
const cancel = document.createElement("button");
cancel.type = "button";
cancel.className = "button button-plain button-small";
cancel.textContent = "Cancel reply";
let answered;

cancel.addEventListener("click", () => {
  home.replaceWith(box);
  cancel.remove();
  parent.value = "";
  title.textContent = plain;
  answered.focus();
});

export default function reply(link) {
  if (!parent) return; // this page has comments but no form: the link leads to the one that has
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (!home.parentNode) box.before(home);
    answered = link;
    parent.value = link.dataset.comment;
    title.textContent = link.getAttribute("aria-label");
    box.querySelector("form").prepend(cancel);
    link.closest("article").after(box);
    box.querySelector("textarea").focus();
  });
}
