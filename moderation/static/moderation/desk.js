// Keys for the desk. Every key presses a button, follows a link or opens what is
// on the page, so nothing can be done by key that cannot be done without.
"use strict";

(() => {
  const typing = (element) =>
    element.isContentEditable ||
    (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "checkbox");

  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return false;
    const at = rows.indexOf(document.activeElement.closest("li")?.querySelector("a[data-row]") ?? document.activeElement.closest("[data-row]"));
    const to = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
    rows[Math.min(Math.max(to, 0), rows.length - 1)].focus();
    return true;
  };

  // Speech input and a stray finger type letters, too (WCAG 2.1.4): the keys
  // can be switched off.
  const box = document.getElementById("keys");
  let keys = box ? box.checked : true;
  const tell = () => {
    document.documentElement.dataset.keys = keys ? "on" : "off";
    for (const element of document.querySelectorAll("[data-key]")) {
      if (keys) element.setAttribute("aria-keyshortcuts", element.dataset.key);
      else element.removeAttribute("aria-keyshortcuts");
    }
  };
  // It is kept with the person; what cannot be sent holds for the page.
  const keep = () => {
    const body = new FormData();
    body.set("only", "has_keys");
    if (keys) body.set("has_keys", "on");
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ??
      document.querySelector('[name="csrfmiddlewaretoken"]')?.value ?? "";
    fetch(box.dataset.url, { method: "POST", body, keepalive: true, headers: { "X-CSRFToken": token } }).catch(() => {});
  };
  if (box) {
    box.closest("[hidden]").hidden = false;
    box.addEventListener("change", () => {
      keys = box.checked;
      keep();
      tell();
    });
  }
  tell();
  document.addEventListener("desk:shown", tell);

  // What a key does with its element: true if it was not simply pressed.
  const open = (element) => {
    const field = document.getElementById(element.dataset.asks);
    const dialog = document.getElementById(element.dataset.dialog);
    if (field && !field.value.trim()) field.focus();
    else if (dialog) dialog.showModal();
    else if ("opens" in element.dataset) {
      const details = element.closest("details");
      details.open = true;
      (details.querySelector(".suggested") ?? details.querySelector("button")).focus();
    } else if ("search" in element.dataset) {
      const search = document.querySelector('#desk input[type="search"]');
      if (!search?.checkVisibility()) return false;
      search.focus();
    } else return false;
    return true;
  };
  document.addEventListener("click", (event) => {
    const element = event.target.closest("[data-dialog]");
    if (element) document.getElementById(element.dataset.dialog).showModal();
  });

  // Keys of a field: out of it, and done with it.
  const inField = (event) => {
    if (event.key === "Escape") {
      event.target.blur();
      document.querySelector("[data-heading]")?.focus({ preventScroll: true });
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.dataset.enter) {
      event.preventDefault();
      document.getElementById(event.target.dataset.enter)?.click();
    }
  };

  let sent = false;
  document.addEventListener("keydown", (event) => {
    // The keys of an input method that composes Japanese are its own.
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    if (document.querySelector("dialog[open]")) return;
    if (typing(event.target)) return inField(event);
    const opened = event.key === "Escape" && document.querySelector("details.rejecting[open]");
    if (opened) {
      opened.open = false;
      opened.querySelector("summary").focus();
      return;
    }
    if (!keys || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const element =
      document.querySelector(`[data-key="${CSS.escape(event.key)}"]`) ??
      (event.key === "/" && document.querySelector('#desk input[type="search"]'));
    if (!element && ((event.key === "j" && step(1)) || (event.key === "k" && step(-1)))) {
      event.preventDefault();
      return;
    }
    // What was decided is decided anew by whoever opens that, and by no stray key.
    if (!element || element.closest(".anew:not([open])") || sent || document.querySelector('#card[aria-busy="true"]')) return;
    event.preventDefault();
    if (element.type === "search") return element.focus();
    if (open(element)) return;
    // A page that goes away is pressed once; one that stays says itself when it is busy.
    sent = !document.querySelector("[data-split]");
    element.click();
  });
  // A page that comes back from the browser's memory may act again.
  window.addEventListener("pageshow", () => { sent = false; });
})();
