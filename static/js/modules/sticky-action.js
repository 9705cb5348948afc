// Shows the bar only while nothing in view is urgent or already leads to us, and not before the reader has read on.
const RIVALS = ".urgent, .request-card, .site-action, .reply-form, .site-footer";

export default function stickyAction(bar) {
  const inView = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) inView[isIntersecting ? "add" : "delete"](target);
    bar.hidden = inView.size > 0;
  });
  for (const rival of document.querySelectorAll(RIVALS)) observer.observe(rival);
}
