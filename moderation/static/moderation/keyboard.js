// Unfold opens some of its menus on a click alone, of an element that takes no focus: they are buttons here.
// And it hides each page until its own script has run: what is hidden takes no focus by itself.
"use strict";

(() => {
  const NAMES = {
    ja: { dock_to_right: "サイドバーの開閉", more_vert: "その他の操作" },
    en: { dock_to_right: "Show or hide the sidebar", more_vert: "More actions" },
  };
  const words = document.documentElement.lang.startsWith("ja") ? NAMES.ja : NAMES.en;
  const CLICKED = ":is(div, span, a:not([href]))[x-on\\:click]:not([tabindex])";

  const press = (event) => {
    if (!["Enter", " "].includes(event.key) || event.target !== event.currentTarget) return;
    event.preventDefault();
    const button = event.currentTarget;
    button.click();
    // The menu of the account opens above its button, and lies before it in the order.
    const menu = button.previousElementSibling;
    if (menu?.matches("nav")) {
      // It is shown in the next frame.
      const into = () => { if (menu.checkVisibility()) menu.querySelector("a, button")?.focus(); };
      requestAnimationFrame(() => requestAnimationFrame(into));
      button.parentElement.onkeydown = (pressed) => {
        if (pressed.key !== "Escape" || !menu.checkVisibility()) return;
        // A click outside is what closes it.
        document.body.click();
        button.focus();
      };
    }
  };

  const reach = () => {
    for (const node of document.querySelectorAll(CLICKED)) {
      // What holds a button of its own is reached by that.
      if (node.querySelector("a, button, input")) continue;
      node.tabIndex = 0;
      node.setAttribute("role", "button");
      const name = words[node.textContent.trim()];
      if (name) node.setAttribute("aria-label", name);
      node.addEventListener("keydown", press);
    }
  };
  document.addEventListener("DOMContentLoaded", reach);
  document.addEventListener("formset:added", reach);

  const focus = () => {
    if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
  };
  document.addEventListener("alpine:initialized", () => setTimeout(focus));
})();
