// Triage by keyboard, ticks, and the mark of what was read. Every page works without any of this.

const LIST_KEY = "voiceline-list";
const SEQUENCE_MS = 1500;
const TYPING = "input, textarea, select, [contenteditable]";

const NOT_SAVED = "That was not saved: load the page anew.";
const SIGNED_OUT = "That was not saved, because you were signed out: load the page anew.";

const token = () => document.querySelector("input[name=csrf_token]")?.value || "";
const rows = () => [...document.querySelectorAll(".list tbody tr[data-id]")];
const here = () => location.pathname + location.search;

function post(url, values = {}) {
  const body = new URLSearchParams({ csrf_token: token(), ...values });
  // what is done answers by leading on: following it would open a page nobody sees
  return fetch(url, { method: "POST", body, redirect: "manual" }).catch(() => null);
}

const isDone = (answer) => Boolean(answer && (answer.ok || answer.type === "opaqueredirect"));

function say(words) {
  let place = document.getElementById("said");
  if (!place) {
    place = document.createElement("p");
    place.id = "said";
    place.className = "said-aloud";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  place.textContent = words;
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(LIST_KEY)) || {};
  } catch {
    return {};
  }
}

function remember(list) {
  try {
    sessionStorage.setItem(LIST_KEY, JSON.stringify(list));
  } catch {
    // a browser that keeps nothing: J and K stay on this page
  }
}

// the inbox

function currentRow() {
  return document.activeElement?.closest?.("tr[data-id]") || null;
}

function step(by) {
  const all = rows();
  const at = all.indexOf(currentRow());
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
  if (!next) return say(by > 0 ? "This is the last one of the page." : "This is the first one.");
  const link = next.querySelector(".reference");
  link.focus();
  next.scrollIntoView({ block: "nearest" });
}

function pageOf(row) {
  return row.querySelector(".reference").getAttribute("href");
}

async function toggleRead(row) {
  const makeUnread = !row.classList.contains("unread");
  const answer = await post(`${pageOf(row)}/${makeUnread ? "unread" : "read"}`);
  if (!isDone(answer)) return say(answer?.status === 401 ? SIGNED_OUT : NOT_SAVED);
  row.classList.toggle("unread", makeUnread);
  row.querySelector(".dot")?.remove();
  row.querySelector(".new-word")?.remove();
  if (makeUnread) {
    const dot = Object.assign(document.createElement("span"), { className: "dot" });
    dot.setAttribute("aria-hidden", "true");
    const word = Object.assign(document.createElement("span"), { className: "new-word" });
    word.textContent = "Unread";
    const link = row.querySelector(".reference");
    link.before(dot);
    link.after(" ", word);
  }
  say(makeUnread ? "Marked as unread." : "Marked as read.");
}

async function takeOn(row) {
  if (!row.dataset.version) return;
  const values = { to: "me", version: row.dataset.version };
  const answer = await post(`${pageOf(row)}/assign`, values);
  if (isDone(answer)) {
    row.dataset.version = Number(row.dataset.version) + 1;
    row.querySelector("[name=ids]").value = `${row.dataset.id}:${row.dataset.version}`;
    row.querySelector(".hand")?.remove();
    const hand = Object.assign(document.createElement("span"), { className: "soft hand" });
    hand.textContent = "You";
    row.querySelector(".due").append(hand);
    say("Assigned to you.");
  } else if (answer?.status === 409) {
    say("A colleague changed it at this moment: load the page anew.");
  } else if (!answer || answer.status === 401) {
    say(answer ? SIGNED_OUT : NOT_SAVED);
  } else {
    say("It is yours already, or cannot be assigned.");
  }
}

const ON_LIST = {
  j: () => step(1),
  k: () => step(-1),
  x: () => currentRow()?.querySelector("[name=ids]")?.click(),
  u: () => currentRow() && toggleRead(currentRow()),
  a: () => currentRow() && takeOn(currentRow()),
  e: () => currentRow() && location.assign(`${pageOf(currentRow())}#do-next`),
  n: () => currentRow() && location.assign(`${pageOf(currentRow())}#do-note`),
};

function setUpTicks(form) {
  const page = document.getElementById("select-page");
  const all = document.getElementById("select-all");
  const ticks = [...document.querySelectorAll("[name=ids][form=bulk]")];
  const tell = () => {
    const ticked = ticks.filter((one) => one.checked);
    const any = ticked.length || all?.checked;
    form.toggleAttribute("data-empty", !any);
    page.checked = ticked.length === ticks.length;
    page.indeterminate = ticked.length > 0 && !page.checked;
    form.querySelectorAll("[name=but]").forEach((one) => one.remove());
    if (all?.checked) {
      for (const one of ticks.filter((each) => !each.checked)) {
        const but = Object.assign(document.createElement("input"), { type: "hidden", name: "but" });
        but.value = one.value;
        form.append(but);
      }
    }
    const left = ticks.length - ticked.length;
    form.querySelector(".chosen").textContent = all?.checked
      ? `All that match${left ? `, but for ${left}` : ""}`
      : ticked.length ? `${ticked.length} chosen` : "";
    for (const one of ticks) one.closest("tr").classList.toggle("ticked", one.checked);
  };
  const tickAll = (on) => {
    for (const one of ticks) one.checked = on;
    tell();
  };
  page.closest("label").hidden = false;
  page.addEventListener("change", () => tickAll(page.checked));
  all?.addEventListener("change", () => tickAll(all.checked));
  for (const one of ticks) one.addEventListener("change", tell);
  tell();
}

function setUpList() {
  const before = remembered();
  const keep = () => {
    const ids = rows().map((row) => row.dataset.id);
    remember({ url: here(), path: location.pathname, ids, scroll: scrollY, at: Date.now() });
  };
  if (before.url === here() && before.back) {
    scrollTo(0, before.scroll || 0);
    const opened = rows().find((row) => row.dataset.id === before.opened);
    opened?.querySelector(".reference").focus({ preventScroll: true });
  }
  addEventListener("pagehide", keep);
  keep();
}

// a request's page

function otherRequest(by) {
  const { ids = [], path } = remembered();
  const id = location.pathname.split("/").at(-1);
  const next = ids[ids.indexOf(id) + by];
  if (!ids.includes(id) || !next) {
    return say(by > 0 ? "This was the last one of the list." : "This was the first of the list.");
  }
  location.assign(`${path}/${next}`);
}

const ON_REQUEST = {
  j: () => otherRequest(1),
  k: () => otherRequest(-1),
  u: () => document.querySelector("form[data-reading=unread]")?.requestSubmit(),
  a: () => document.querySelector("form[data-assign]")?.requestSubmit(),
  e: () => document.querySelector(".next .do a.button")?.click(),
  n: () => document.querySelector(".notes textarea, .notes a.button")?.focus(),
};

async function markRead(form) {
  const answer = await post(form.action);
  if (!isDone(answer)) return;
  form.action = form.dataset.unreadUrl;
  form.dataset.reading = "unread";
  form.querySelector("button").textContent = "Mark as unread";
}

function whenShown(act) {
  if (document.visibilityState === "visible") return act();
  const shown = () => document.visibilityState === "visible" && act();
  document.addEventListener("visibilitychange", shown, { once: true });
}

function setUpRequest(form) {
  if (form.dataset.reading === "read") whenShown(() => markRead(form));
  const list = remembered();
  const up = document.querySelector("a.up[data-inbox]");
  if (up && list.path === up.getAttribute("href")) {
    up.href = list.url;
    const opened = location.pathname.split("/").at(-1);
    up.addEventListener("click", () => remember({ ...list, back: true, opened }));
  }
  const wish = { "#do-next": "e", "#do-note": "n" }[location.hash];
  if (wish) {
    history.replaceState(null, "", here());
    ON_REQUEST[wish]();
  }
}

// keys of both

function showKeys() {
  const dialog = document.getElementById("keys");
  if (dialog && !dialog.open) dialog.showModal();
}

function goTo(key) {
  const inbox = document.querySelector(".bar .place");
  if (key === "i" && inbox) location.assign(inbox.href);
}

function search() {
  const field = document.getElementById("q");
  if (field) return field.focus();
  const inbox = document.querySelector("a.up[data-inbox]");
  if (inbox) location.assign(`${inbox.href}#q`);
}

function setUpKeys(own) {
  let began = -Infinity;
  const keys = { ...own, "?": showKeys, "/": search };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const from = event.target instanceof Element ? event.target : document.body;
    const types = from.closest(TYPING) && !from.matches("[type=checkbox], [type=radio]");
    if (types || document.querySelector("dialog[open]")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.timeStamp - began < SEQUENCE_MS) {
      began = -Infinity;
      if (key === "i") event.preventDefault();
      return goTo(key);
    }
    if (event.shiftKey && key !== "?") return;
    if (key === "g") began = event.timeStamp;
    if (!keys[key]) return;
    event.preventDefault();
    keys[key]();
  });
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.addEventListener("click", showKeys);
  }
}

const bulk = document.getElementById("bulk");
const reading = document.querySelector("form[data-reading]");
if (bulk) setUpTicks(bulk);
if (rows().length) setUpList();
if (reading) setUpRequest(reading);
if (document.getElementById("keys")) setUpKeys(reading ? ON_REQUEST : ON_LIST);
