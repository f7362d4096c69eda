// Brings what goes on up to date, once in two seconds. Without scripts there is a link to look again.
"use strict";

(() => {
  const EVERY = 2000;
  const shown = () => document.querySelector("[data-progress]");

  const look = async () => {
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const found = page.querySelector("[data-progress]");
      if (!found || found.dataset.progress !== "going") {
        location.reload();
        return;
      }
      if (found.innerHTML !== shown().innerHTML) shown().innerHTML = found.innerHTML;
    } catch { /* The server is away for a moment: the next look tells. */ }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
})();
