// Marks in the contents beside the text the section that is being read.
export default function contents(nav) {
  const links = new Map();
  for (const link of nav.querySelectorAll("a[href^='#']")) {
    const heading = document.getElementById(link.hash.slice(1));
    if (heading) links.set(heading, link);
  }
  const mark = () => {
    let current;
    for (const heading of links.keys()) {
      if (heading.getBoundingClientRect().top < innerHeight * 0.2) current = heading;
    }
    for (const [heading, link] of links) {
      if (heading === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const observer = new IntersectionObserver(mark, { rootMargin: "0px 0px -80% 0px" });
  for (const heading of links.keys()) observer.observe(heading);
}
