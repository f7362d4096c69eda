// Deciding and stepping without loading pages: forms with `data-desk` and links
// with `data-step` are sent by `fetch`, and the same views answer with a part of
// the page. Without this script they are plain forms and links.
"use strict";

(() => {
  const split = document.querySelector("[data-split]");
  if (!split) return;
  const PART = "Sekisho-Part";
  // Milliseconds: how long an answer may take, how often the list and the lease are asked about.
  const PATIENCE = 15_000, POLL = 10_000, HEARTBEAT = 60_000;
  const one = (id) => document.getElementById(id);
  const card = () => one("card");
  const token = () =>
    document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ??
    document.querySelector('[name="csrfmiddlewaretoken"]')?.value ?? "";

  // What went wrong, in the words that the page brought.
  const say = (word) => {
    const text = word ? one("trouble").dataset[word] : "";
    one("trouble").dataset.word = word;
    if (one("trouble").textContent === text) return;
    one("trouble").replaceChildren();
    if (!text) return;
    const line = document.createElement("p");
    line.className = `notice ${word === "back" ? "published" : "refused"}`;
    line.textContent = text;
    one("trouble").append(line);
  };
  const connected = () => {
    if (one("trouble").dataset.word === "offline") say("back");
    one("trouble").dataset.word = "";
  };

  // What the sidebar and the tabs say of what waits: as the list brings it.
  const count = (numbers) => {
    if (!numbers) return;
    const [waiting, escalated] = numbers.split(" ");
    for (const [name, number] of [["waiting", waiting], ["escalated", escalated]]) {
      for (const badge of document.querySelectorAll(`[data-${name}]`)) {
        badge.textContent = number;
        if (badge.matches(".tag")) badge.hidden = number === "0";
        else badge.toggleAttribute("data-none", number === "0");
      }
    }
  };

  class Trouble extends Error {}
  const ask = async (url, part, options = {}) => {
    let response;
    try {
      response = await fetch(url, {
        ...options, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE),
        headers: { [PART]: part, ...options.headers },
      });
    } catch {
      throw new Trouble("offline");
    }
    count(response.headers.get("Sekisho-Waiting"));
    if (response.status === 304 || response.status === 204 || response.headers.has(PART)) return response;
    throw new Trouble(response.type === "opaqueredirect" ? "login" : "broken");
  };
  const post = (url, body, part = "card") => {
    body.set("csrfmiddlewaretoken", token());
    return ask(url, part, { method: "POST", body });
  };
  const told = (error) => {
    if (!(error instanceof Trouble)) throw error;
    say(error.message);
  };

  // What was typed outlives a step, a reload and a lost connection, in this tab.
  const draft = (field) => `sekisho-draft-${card().dataset.case}-${field.name}`;
  const drafts = (within = card()) => within.querySelectorAll("[data-draft]");
  const keepDraft = (field) => {
    try {
      if (field.value) sessionStorage.setItem(draft(field), field.value);
      else sessionStorage.removeItem(draft(field));
    } catch { /* where nothing can be kept the field itself still holds it */ }
  };
  const restoreDrafts = () => {
    for (const field of drafts()) {
      try { field.value ||= sessionStorage.getItem(draft(field)) ?? ""; } catch { return; }
      if (field.value) field.closest("details")?.setAttribute("open", "");
    }
  };
  const forgetDrafts = (form) => { for (const field of drafts(form)) { field.value = ""; keepDraft(field); } };

  // The next card is fetched while this one is read.
  let ahead = null;
  const load = async (url) => {
    const response = await ask(url, "card");
    return response.text();
  };
  const prefetch = () => {
    const url = card().querySelector('[rel="next"]')?.href;
    ahead = url ? { url, html: load(url).catch(() => null) } : null;
  };
  const fetched = async (url) => {
    const kept = ahead?.url === url ? await ahead.html : null;
    ahead = null;
    return kept ?? load(url);
  };

  const mark = () => {
    const now = card().dataset.case;
    for (const row of document.querySelectorAll("[data-row]")) {
      if (row.dataset.row === now) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    return document.querySelector('[data-row][aria-current="true"]');
  };
  const put = (html) => {
    const left = card().dataset.claim && card().dataset.case;
    const made = document.createElement("template");
    made.innerHTML = html;
    card().replaceWith(made.content);
    split.toggleAttribute("data-open", "case" in card().dataset);
    document.title = card().dataset.title ?? document.title;
    for (const select of card().querySelectorAll("[data-fills]")) select.hidden = false;
    restoreDrafts();
    const row = mark();
    if (!row && card().dataset.list) refresh(card().dataset.list);
    row?.scrollIntoView({ block: "nearest" });
    window.scrollTo(0, 0);
    (card().querySelector("[data-alert]") ?? card().querySelector("[data-heading]"))?.focus({ preventScroll: true });
    document.dispatchEvent(new Event("desk:shown"));
    prefetch();
    (ahead?.html ?? Promise.resolve()).then(() => claim(left));
  };
  const busily = async (work) => {
    if (card().getAttribute("aria-busy") === "true") return;
    card().setAttribute("aria-busy", "true");
    try {
      await work();
      say("");
    } catch (error) {
      told(error);
    } finally {
      card().removeAttribute("aria-busy");
    }
  };
  // A jump within the page is a step in the browser's history, too, and no other case.
  const place = () => location.pathname + location.search;
  let at = place();
  const isCase = (url) => /\/\d+\/$/.test(new URL(url, location).pathname);
  const go = async (url, push = true) => {
    const to = new URL(url, location).href;
    if (!isCase(to)) return location.assign(to);
    put(await fetched(to));
    if (push && to !== location.href) history.pushState(null, "", to);
    at = place();
  };

  const send = (form, submitter) => busily(async () => {
    const url = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
    const response = await post(url, new FormData(form, submitter));
    const html = await response.text();
    if (!response.ok) return put(html);
    if (card().contains(form)) forgetDrafts(form);
    const left = card().dataset.case;
    one("told").innerHTML = html;
    await go(response.headers.get("Sekisho-Next"));
    if (gone(form) && card().dataset.case !== left) document.querySelector(`[data-row="${left}"]`)?.closest("li").remove();
    pollSoon();
  });

  // Only what was done on the card takes it from the list: an undo goes elsewhere and leaves it.
  const gone = (form) => !form.closest("#told");

  // What a sanction would have found is looked for while its form is read.
  let looks = 0;
  const preview = async (form) => {
    const into = one(form.dataset.previews), now = ++looks;
    into.textContent = into.dataset.looks;
    const body = new FormData(form);
    body.set("preview", "1");
    try {
      const html = await (await post(form.getAttribute("action"), body, "foreseen")).text();
      if (now === looks && into.isConnected) into.innerHTML = html;
    } catch (error) {
      into.replaceChildren();
      told(error);
    }
  };
  const open = async (link) => {
    const into = one(link.dataset.into);
    into.innerHTML = await (await ask(link.href, link.dataset.part)).text();
    (into.querySelector("input:checked") ?? into.querySelector("input:not([type=hidden])"))?.focus();
    into.querySelector("form").scrollIntoView({ block: "nearest" });
    preview(into.querySelector("form"));
  };

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !event.target.matches("[data-desk]")) return;
    event.preventDefault();
    if (event.submitter?.name === "preview") return void preview(event.target);
    send(event.target, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-step], a[data-into]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    busily(() => ("into" in link.dataset ? open(link) : go(link.href)));
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("#card [data-draft]")) keepDraft(event.target);
  });
  document.addEventListener("change", (event) => {
    const select = event.target;
    const form = select.closest("[data-previews]");
    if (form && ["kind", "site"].includes(select.name)) preview(form);
    if (!select.dataset.fills || !select.value) return;
    one(select.dataset.fills).value = select.value;
    keepDraft(one(select.dataset.fills));
    select.value = "";
    one(select.dataset.fills).focus();
  });
  window.addEventListener("popstate", () => {
    if (place() === at) return;
    if (isCase(location.href)) busily(() => go(location.href, false));
    else location.reload();
  });

  // The list: asked for again and again, sent only when it has changed.
  const refresh = async (url) => {
    const response = await ask(url, "list", { headers: { "If-None-Match": one("list").dataset.etag } });
    if (response.status === 304) return false;
    const before = one("list").dataset.count;
    const held = document.activeElement?.dataset.row;
    const made = document.createElement("template");
    made.innerHTML = await response.text();
    one("list").replaceWith(made.content);
    mark();
    if (held) document.querySelector(`[data-row="${held}"]`)?.focus({ preventScroll: true });
    const count = document.querySelector(".count strong");
    if (count) count.textContent = one("list").dataset.count;
    const all = document.querySelector('.picking [name="all"]');
    if (all) all.textContent = all.textContent.replace(before, one("list").dataset.count);
    return true;
  };
  // Once after several decisions in a row: the server is for the next card first.
  let soon = 0;
  const pollSoon = () => {
    clearTimeout(soon);
    soon = setTimeout(poll, 400);
  };
  const poll = async () => {
    if (document.visibilityState !== "visible") return;
    const before = one("trouble").dataset.word;
    try {
      const changed = await refresh(one("list").dataset.url);
      // What was lost meanwhile is not found again by an answer that was under way.
      if (one("trouble").dataset.word === before) connected();
      if (!changed) return;
      prefetch();
      claim();
    } catch (error) {
      told(error);
    }
  };

  // Tell colleagues that somebody looks, and be told what they did meanwhile.
  const claim = async (left) => {
    const { claim: url, version } = card().dataset;
    if (!url) {
      if (left) leave(left);
      return;
    }
    const body = new FormData();
    body.set("seen_version", version);
    if (left) body.set("left", left);
    try {
      const standing = await (await post(url, body)).text();
      if (card().dataset.claim === url && one("standing").innerHTML !== standing) one("standing").innerHTML = standing;
    } catch (error) {
      told(error);
    }
  };
  const leave = (key) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token());
    navigator.sendBeacon(new URL(`${key}/leave/`, new URL(split.dataset.split, location)), body);
  };
  window.addEventListener("pagehide", () => {
    if (card().dataset.claim) leave(card().dataset.case);
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) claim(); });
  window.addEventListener("offline", () => say("offline"));
  window.addEventListener("online", poll);
  setInterval(poll, POLL);
  setInterval(() => { if (document.visibilityState === "visible") claim(); }, HEARTBEAT);

  for (const select of document.querySelectorAll("[data-fills]")) select.hidden = false;
  if (card().dataset.case) {
    restoreDrafts();
    prefetch();
    claim();
  }
})();
