// The page of an import run keeps itself up to date while the run goes on and
// the page is looked at. Each part is replaced only where it has changed, so
// that what is focused, selected or open stays so.
"use strict";

(() => {
  const root = document.getElementById("run");
  if (!root || !root.dataset.address) return;
  const told = document.getElementById("run-updates");
  // Milliseconds between two looks; a server that answers slowly is asked less often.
  const PAUSE = 2000;
  let etag = root.dataset.etag;
  let timer = 0;
  let asking = false;

  const replace = (part) => {
    const shown = document.getElementById(part.id);
    if (!shown || shown.innerHTML === part.innerHTML) return;
    const focused = shown.contains(document.activeElement) ? document.activeElement : null;
    const open = [...shown.querySelectorAll("details[open]")].map((element) => element.id);
    shown.innerHTML = part.innerHTML;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) {
      // A button that is gone leaves the keyboard at its neighbour.
      const again = focused.id && document.getElementById(focused.id);
      (again || shown.querySelector("button, a"))?.focus({ preventScroll: true });
    }
  };

  const show = (html) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    for (const part of fresh.content.querySelectorAll("[data-part]")) replace(part);
    return fresh.content.querySelector("[data-going]") !== null;
  };

  const look = async () => {
    if (asking || document.hidden) return;
    asking = true;
    const began = performance.now();
    let going = true;
    try {
      const answer = await fetch(root.dataset.address, {
        headers: { "If-None-Match": etag, "X-Requested-With": "XMLHttpRequest" },
        cache: "no-store",
        credentials: "same-origin",
        redirect: "error",
      });
      if (answer.status === 200) {
        going = show(await answer.text());
        etag = answer.headers.get("ETag") || "";
      } else if (answer.status !== 304) {
        throw new Error(String(answer.status));
      }
      told.textContent = going ? "" : told.dataset.ended;
    } catch {
      told.textContent = told.dataset.paused;
    }
    asking = false;
    if (going) timer = setTimeout(look, Math.max(PAUSE, 5 * (performance.now() - began)));
    else document.removeEventListener("visibilitychange", seen);
  };

  const seen = () => {
    clearTimeout(timer);
    if (!document.hidden) look();
  };
  document.addEventListener("visibilitychange", seen);
  timer = setTimeout(look, PAUSE);
})();
