// The error summary takes the focus, so that a screen reader starts with what went wrong; not from who is typing already, and without
// carrying back who has read on.
export default function focusMe(element) {
  if (document.activeElement === document.body) element.focus({ preventScroll: scrollY > 0 });
}
