/* Loads the script that its element names once the page can be read, after the first frame is on the screen: until then line and
   processor are for the text, and all that the script adds works without it, too. Notes that a form is sent, since it may be sent
   before the script is there. Inlined in <head>; the CSP holds its hash. */
(function (url) {
  function load() {
    if (url) document.head.appendChild(document.createElement("script")).src = url;
    url = "";
  }
  addEventListener("DOMContentLoaded", function () {
    setTimeout(load, 3000); /* ms, where the browser tells of no frame */
    if (self.PerformanceObserver) new PerformanceObserver(load).observe({ type: "paint", buffered: true });
  });
  addEventListener("submit", function (event) {
    try { if (!event.defaultPrevented) sessionStorage.setItem("sent", 1); } catch (blocked) { /* the draft stays */ }
  });
})(document.currentScript.dataset.src);
