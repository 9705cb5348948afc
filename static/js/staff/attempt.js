// Notes a call or a message while the phone opens it; the page that is left may be gone before an answer comes.
export default function attempt(form) {
  form.addEventListener("click", (event) => {
    const way = event.target.closest("a[data-way]")?.dataset.way;
    if (!way) return;
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, way });
    fetch(form.action, { method: "POST", body, keepalive: true, redirect: "manual" }).catch(() => {});
  });
}
