// A button that prints the page, where a script can do it.
export default function printMe(button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
