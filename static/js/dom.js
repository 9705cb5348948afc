// An element with its properties and children.
export default function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

export function checkBox(id, text) {
  const input = make("input", { type: "checkbox", id, className: "choice-input" });
  return [input, make("div", { className: "choice" }, input, make("label", { htmlFor: id, className: "choice-label" }, text))];
}
