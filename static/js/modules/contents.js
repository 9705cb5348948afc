// Marks in the contents beside the text the section that is being read.
export default function contents(nav) {
  const links = new Map();
  for (const link of nav.querySelectorAll("a[href^='#']")) {
    const heading = document.getElementById(link.hash.slice(1));
    if (heading) links.set(heading, link);
  }
  const headings = [...links.keys()];
  const mark = () => {
    const page = document.documentElement;
    const isAtEnd = scrollY > 0 && scrollY + innerHeight > page.scrollHeight - 2;
    const current = isAtEnd ? headings.at(-1) : headings.findLast((heading) => heading.getBoundingClientRect().top < innerHeight * 0.2);
    for (const [heading, link] of links) {
      if (heading === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  // A jump may carry several headings past without a frame in between, so the end of each way of moving counts too.
  let waits = false;
  addEventListener("scroll", () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => { waits = false; mark(); });
  }, { passive: true });
  for (const event of ["scrollend", "hashchange", "pageshow", "resize"]) addEventListener(event, mark);
  mark();
}
