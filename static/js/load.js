/* Loads the script that its element names once the page can be read, after the first frame is on the screen: until then line and
   processor are for the text, and all that the script adds works without it, too. Inlined in <head>; the CSP holds its hash. */
(function (url) {
  function load() { document.head.appendChild(document.createElement("script")).src = url; }
  function seen(list, observer) { observer.disconnect(); load(); }
  addEventListener("DOMContentLoaded", function () {
    if ((self.PerformanceObserver && PerformanceObserver.supportedEntryTypes || []).indexOf("paint") < 0) load();
    else new PerformanceObserver(seen).observe({ type: "paint", buffered: true });
  });
})(document.currentScript.dataset.src);
