// Shows the button that copies the page's address, where the browser lets a page do so.
export default function copyLink(line) {
  const button = line.querySelector("button");
  const done = line.querySelector("[role=status]");
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.value);
      done.textContent = "Copied";
    } catch {
      done.textContent = button.value;
    }
  });
}
