// Keys for the desk. Every key presses a button or follows a link that is on
// the page, so nothing can be done by key that cannot be done without.
"use strict";

(() => {
  const typing = (element) =>
    element.isContentEditable ||
    (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "checkbox");

  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return false;
    const at = rows.indexOf(document.activeElement);
    const to = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
    rows[Math.min(Math.max(to, 0), rows.length - 1)].focus();
    return true;
  };

  // Speech input and a stray finger type letters, too (WCAG 2.1.4): the keys
  // can be switched off. Where nothing can be kept it holds for the page.
  const KEPT = "sekisho-keys";
  const kept = () => {
    try { return localStorage.getItem(KEPT); } catch { return null; }
  };
  const keep = (value) => {
    try { localStorage.setItem(KEPT, value); } catch { /* as said above */ }
  };
  let keys = kept() !== "off";
  const tell = () => {
    document.documentElement.dataset.keys = keys ? "on" : "off";
    for (const element of document.querySelectorAll("[data-key]")) {
      if (keys) element.setAttribute("aria-keyshortcuts", element.dataset.key);
      else element.removeAttribute("aria-keyshortcuts");
    }
  };
  const box = document.getElementById("keys");
  if (box) {
    box.checked = keys;
    box.closest("[hidden]").hidden = false;
    box.addEventListener("change", () => {
      keys = box.checked;
      keep(keys ? "on" : "off");
      tell();
    });
  }
  tell();

  let sent = false;
  document.addEventListener("keydown", (event) => {
    if (!keys || event.defaultPrevented || event.isComposing || event.repeat) return;
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if ((event.key === "j" && step(1)) || (event.key === "k" && step(-1))) {
      event.preventDefault();
      return;
    }
    const element = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!element || sent) return;
    event.preventDefault();
    const reason = document.getElementById("reason");
    if (event.key === "r" && reason && !reason.value) {
      reason.focus();
      return;
    }
    sent = true;
    element.click();
  });
  // A page that comes back from the browser's memory may act again.
  window.addEventListener("pageshow", () => { sent = false; });
})();
