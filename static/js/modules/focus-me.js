// The error summary takes the focus, so that a screen reader starts with what went wrong.
export default function focusMe(element) {
  element.focus();
}
