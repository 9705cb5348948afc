/* Loads the script that its element names once the page is there to be read, after the first frame: until then line and processor are
   for the text, and all that the script adds works without it, too. Inlined in <head>; the CSP holds its hash. */
(function (url) {
  addEventListener("DOMContentLoaded", function () {
    requestAnimationFrame(function () {
      setTimeout(function () {
        document.head.appendChild(document.createElement("script")).src = url;
      });
    });
  });
})(document.currentScript.dataset.src);
