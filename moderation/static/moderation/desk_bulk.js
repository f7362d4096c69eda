// Marking cases: `x`, a range with Shift, all of a page, how many. Without this
// script the boxes and the buttons beside them are a plain form.
"use strict";

(() => {
  const boxes = () => [...document.querySelectorAll("[data-pick]")];
  if (!document.querySelector("[data-picked]")) return;
  const all = document.querySelector("[data-pick-all]");
  for (const element of document.querySelectorAll("[data-with-script]")) element.hidden = false;

  // What is marked outlives the list, which is put anew whenever it has changed.
  const marked = new Set();
  let last = null, held = null;
  const tell = () => {
    const shown = boxes(), number = shown.filter((box) => box.checked).length;
    for (const place of document.querySelectorAll("[data-picked]")) {
      const text = place.dataset.picked.replace("{number}", number);
      if (place.textContent !== text) place.textContent = text;
    }
    if (!all) return;
    all.checked = shown.length > 0 && number === shown.length;
    all.indeterminate = number > 0 && number < shown.length;
  };
  const note = () => {
    marked.clear();
    for (const box of boxes()) if (box.checked) marked.add(box.value);
    tell();
  };
  const list = document.querySelector(".aside");
  if (list) {
    new MutationObserver(() => {
      for (const box of boxes()) box.checked = marked.has(box.value);
      note();
      if (held && document.activeElement === document.body) boxes().find((box) => box.value === held)?.focus();
    }).observe(list, { childList: true });
  }

  document.addEventListener("focusin", (event) => {
    held = event.target.matches("[data-pick]") ? event.target.value : null;
  });
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || !box.matches("[data-pick]")) return;
    const shown = boxes(), from = shown.findIndex((each) => each.value === last);
    if (event.shiftKey && from >= 0) {
      const to = shown.indexOf(box);
      for (const each of shown.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
    }
    last = box.value;
  });
  document.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked;
    if (event.target === all || event.target.matches("[data-pick]")) note();
  });

  // The row that has the focus, else the one whose card is open.
  const current = () =>
    document.activeElement.closest("li")?.querySelector("[data-pick]") ??
    document.querySelector('[data-row][aria-current="true"]')?.closest("li").querySelector("[data-pick]");
  const typing = (element) =>
    element.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "checkbox");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.documentElement.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
    const box = current();
    if (!box) return;
    event.preventDefault();
    box.click();
  });
  // A page that comes back from the browser's memory has its marks still.
  window.addEventListener("pageshow", note);
  note();
})();
