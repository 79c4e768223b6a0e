/* Answers save themselves: 0.8 s after the last key, on leaving the field, with Ctrl+S. The text in a box is never replaced. */
import { fill, read } from "./grid.js";
import { fillParts, readParts } from "./parts.js";

const form = document.querySelector("form[data-autosave]");
const PAUSE = 800;
const LIMIT = 30000;
const say = (text) => document.dispatchEvent(new CustomEvent("jalon:say", { detail: text }));
export const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? form?.elements.csrfmiddlewaretoken?.value ?? "";

const client = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`.slice(0, 60);
const words = form ? form.dataset : {};
let counter = 0;
let stateTimer;

/* The recovery copy of this tab: written before sending, erased on success. */
const key = (code) => `jalon:${words.dossier}:${code}`;
const copy = {
  put(code, data) { try { sessionStorage.setItem(key(code), JSON.stringify(data)); } catch { /* full or forbidden: the page still has it */ } },
  get(code) { try { return JSON.parse(sessionStorage.getItem(key(code))); } catch { return null; } },
  drop(code) { try { sessionStorage.removeItem(key(code)); } catch { /* nothing to erase */ } },
};

class Answer {
  constructor(box) {
    this.box = box;
    this.code = box.dataset.question;
    this.kind = box.dataset.kind;
    this.isGrid = box.querySelector("[data-grid],[data-part]") !== null;
    this.line = box.querySelector("[data-line]");
    this.seen = box.querySelector("input[data-seen]");
    this.saved = JSON.stringify(this.value(false)); // what the server gave: somebody may have typed before this script came
    this.busy = false;
    this.wanted = false;
    this.failed = "";
    this.tries = 0;
    this.stopped = false;
  }

  fields() { return [...this.box.querySelectorAll("input,textarea,select")].filter((one) => one.name && !one.hasAttribute("data-seen") && one.type !== "file"); }

  value(now = true) {
    if (this.isGrid) return { ...readParts(this.box, now), ...read(this.box, now) };
    const all = this.fields();
    const on = (one) => (now ? one.checked : one.defaultChecked);
    if (this.kind === "multi_choice") return all.filter(on).map((one) => one.value);
    if (this.kind === "declaration") return all.some(on) ? "true" : "false";
    if (all[0]?.type === "radio") return all.find(on)?.value ?? "";
    if (now || !all[0]) return all[0]?.value ?? "";
    const given = all[0].cloneNode(); // the browser may have its own reading of what was given (a date)
    given.value = all[0].defaultValue;
    return given.value;
  }

  set(value) {
    const all = this.fields();
    if (this.isGrid) { fill(this.box, value); fillParts(this.box, value); }
    else if (this.kind === "multi_choice") all.forEach((one) => { one.checked = value.includes(one.value); });
    else if (this.kind === "declaration") all.forEach((one) => { if (one.type === "checkbox") one.checked = value === "true"; });
    else if (all[0]?.type === "radio") all.forEach((one) => { one.checked = one.value === value; });
    else if (all[0]) { all[0].value = value; all[0].dispatchEvent(new Event("jalon:set", { bubbles: true })); }
  }

  get isDirty() { return JSON.stringify(this.value()) !== this.saved; }

  tell(state, text, aloud) {
    if (!this.line) return;
    this.line.textContent = text;
    this.line.className = state === "pending" ? "dim" : "sign";
    this.line.dataset.s = state === "pending" ? "todo" : state;
    if (aloud) say(text);
  }

  /* What was wrong when the page came is no longer what this says: the line is judge from now on. */
  clear() {
    document.getElementById(`q-${this.code}-erreur`)?.remove();
    this.box.removeAttribute("data-s");
    this.fields().forEach((one) => one.removeAttribute("aria-invalid"));
  }

  /* What is in the box, the version it was written on, and what left without an answer. */
  keep() { copy.put(this.code, { value: this.value(), seen: this.seen?.value ?? "0", sent: this.sent }); }

  touch() {
    if (!this.isDirty) return;
    this.keep();
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), PAUSE);
  }

  async send() {
    clearTimeout(this.timer);
    if (this.stopped || !this.isDirty) return;
    if (this.busy) { this.wanted = true; return; }
    this.busy = true;
    const sent = this.value();
    const text = JSON.stringify(sent);
    if (!this.failed) this.tell("pending", words.saving);
    try {
      await this.post(sent, text);
    } finally {
      this.busy = false;
      showAlert();
    }
    if (this.wanted) { this.wanted = false; this.touch(); }
  }

  async post(value, text, choose) {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), LIMIT);
    counter += 1;
    this.sent = text;
    this.keep();
    let answer;
    try {
      answer = await fetch(this.box.dataset.href, {
        method: "POST",
        credentials: "same-origin",
        redirect: "manual",
        signal: stop.signal,
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ value, seen: Number(this.seen?.value || 0), client, n: counter, choose }),
      });
    } catch {
      return this.fail("network");
    } finally {
      clearTimeout(limit);
    }
    if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") return this.fail("session");
    if (answer.status >= 500 || answer.status === 429) return this.fail("server");
    let said;
    try { said = await answer.json(); } catch { return this.fail("server"); }
    return this.take(said, text);
  }

  take(said, text) {
    this.failed = "";
    this.tries = 0;
    if (said.status === "refused") {
      this.stopped = said.final === true;
      this.tell("ko", said.line, true);
      return false;
    }
    if (said.status === "conflict") { this.stopped = true; this.tell("warn", said.line, true); this.compare(); return false; }
    if (this.seen && said.version) this.seen.value = said.version;
    this.saved = text;
    if (JSON.stringify(this.value()) === text) copy.drop(this.code);
    if (said.status !== "late") {
      this.clear();
      this.tell(said.status === "flawed" ? "warn" : "ok", said.line, said.status === "flawed");
    }
    const many = this.box.querySelector("[data-versions]");
    if (many && said.version > 1) many.hidden = false;
    askState();
    return true;
  }

  /* The other text is preferred: mine goes to the server first, which keeps it in the versions. */
  async yield(theirs) {
    if (this.busy) return false;
    this.busy = true;
    this.tell("pending", words.saving);
    const mine = JSON.stringify(this.value());
    let isDone;
    try { isDone = await this.post(JSON.parse(mine), mine, "other"); } finally { this.busy = false; showAlert(); }
    clearTimeout(this.timer);
    if (!isDone) { this.stopped = true; return false; }
    if (JSON.stringify(this.value()) !== mine) { this.stopped = false; this.touch(); return true; }
    this.set(theirs);
    this.saved = JSON.stringify(this.value());
    copy.drop(this.code);
    return true;
  }

  fail(cause) {
    this.failed = cause;
    this.tries += 1;
    this.tell(cause === "session" ? "warn" : "ko", words[cause], this.tries === 1);
    const wait = Math.min(60, 2 ** this.tries) * 1000;
    clearTimeout(this.timer);
    if (cause !== "session") this.timer = setTimeout(() => this.send(), wait);
  }

  /* Two texts: the other one comes from the server, mine is what is in the box. */
  async compare() {
    const place = this.box.querySelector("[data-compare]");
    let answer;
    try {
      answer = await fetch(this.box.dataset.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      place.innerHTML = await answer.text();
    } catch { this.tell("warn", words.conflict, true); this.stopped = false; return; }
    const mine = place.querySelector("[data-mine]");
    const other = place.querySelector("[data-other]");
    if (mine) mark(mine, this.words(), other?.textContent ?? "");
    place.hidden = false;
    place.querySelector("[tabindex]")?.focus();
    place.onclick = async (event) => {
      const choice = event.target.closest("[data-choose]")?.dataset.choose;
      if (!choice) return;
      const found = place.querySelector("script[type='application/json']");
      const theirs = found ? JSON.parse(found.textContent) : null;
      if (this.seen) this.seen.value = place.querySelector("[data-version]")?.dataset.version ?? this.seen.value;
      if (choice === "other" && !(await this.yield(theirs))) return;
      if (choice === "both") this.set(`${theirs}\n\n${this.value()}`);
      place.hidden = true;
      place.replaceChildren();
      this.stopped = false;
      if (choice !== "other") { this.saved = JSON.stringify(null); this.touch(); this.send(); }
      this.fields()[0]?.focus();
    };
  }

  words() {
    const all = this.fields();
    if (this.isGrid) return this.told() || words.table;
    if (this.kind === "multi_choice" || all[0]?.type === "radio" || this.kind === "declaration") {
      return all.filter((one) => one.checked).map((one) => one.closest("label")?.innerText.trim() ?? one.value).join(", ");
    }
    return String(this.value());
  }

  /* A table or an answer of parts in words: what is ticked, then the rows. */
  told() {
    const said = (one) => {
      if (one.type === "checkbox" || one.type === "radio") {
        const label = one.closest("label")?.innerText.replace(/\s+/g, " ").trim() || one.getAttribute("aria-label") || "";
        return one.checked ? [one.type === "radio" ? one.closest("fieldset")?.querySelector("legend")?.innerText.trim() : "", label].filter(Boolean).join(" ") : "";
      }
      return one.tagName === "SELECT" ? (one.value && one.selectedOptions[0].text) : one.value;
    };
    const lines = [...this.box.querySelectorAll("[data-part]")].map(said);
    this.box.querySelectorAll("[data-grid] tbody tr").forEach((row) => lines.push([...row.querySelectorAll("[data-cell]")].map(said).filter(Boolean).join("; ")));
    return lines.filter(Boolean).join("\n");
  }
}

/* What is mine and not theirs is marked, word by word from both ends. */
function mark(place, mine, other) {
  const a = mine.split(/(\s+)/);
  const b = other.trim().split(/(\s+)/);
  let start = 0;
  let end = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const middle = document.createElement("mark");
  middle.textContent = a.slice(start, a.length - end).join("");
  place.replaceChildren(a.slice(0, start).join(""), middle, a.slice(a.length - end).join(""));
}

const answers = form ? [...form.querySelectorAll("[data-question]")].filter((box) => box.dataset.href).map((box) => new Answer(box)) : [];
const of = (target) => answers.find((one) => one.box.contains(target));
const unsaved = () => answers.filter((one) => !one.stopped && (one.busy || one.isDirty));

/* One alert for the page says what fails, what is kept and what comes next. */
function showAlert() {
  const place = document.getElementById("echec");
  if (!place) return;
  const cause = ["session", "network", "server"].find((name) => answers.some((one) => one.failed === name));
  place.querySelectorAll("[data-cause]").forEach((one) => { one.hidden = one.dataset.cause !== cause; });
  place.hidden = !cause;
}

/* Rail, blockers, questions that appear and sums: asked again after a save, never while typing. */
export function askState() {
  clearTimeout(stateTimer);
  stateTimer = setTimeout(async () => {
    try {
      const answer = await fetch(form.dataset.state, { credentials: "same-origin", headers: { Accept: "text/html" }, redirect: "manual" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      page.querySelectorAll("[data-live]").forEach((fresh) => {
        const old = document.getElementById(fresh.id);
        if (!old || old.outerHTML === fresh.outerHTML) return;
        const here = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
        const folded = old.querySelector("details")?.open;
        old.replaceWith(fresh);
        if (folded !== undefined && fresh.querySelector("details")) fresh.querySelector("details").open = folded;
        if (here) document.getElementById(fresh.id)?.querySelector(`a[href="${CSS.escape(here)}"]`)?.focus();
      });
      const shown = page.querySelector("[data-shown]")?.dataset.shown.split(" ") ?? [];
      document.querySelectorAll("[data-when]").forEach((box) => { box.hidden = !shown.includes(box.dataset.question); });
      const required = page.querySelector("[data-shown]")?.dataset.required.split(" ") ?? [];
      document.querySelectorAll("[data-optional]").forEach((word) => { word.hidden = required.includes(word.closest("[data-question]").dataset.question); });
    } catch { /* the next save asks again */ }
  }, 500);
}

if (form) {
  form.addEventListener("input", (event) => of(event.target)?.touch());
  form.addEventListener("change", (event) => { const one = of(event.target); if (one) { one.touch(); if (event.target.type !== "text") one.send(); } });
  form.addEventListener("focusout", (event) => of(event.target)?.send());
  form.addEventListener("jalon:grid", (event) => of(event.target)?.touch());
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    const left = unsaved();
    left.forEach((one) => one.send());
    if (!left.length) say(words.nothing);
  });
  let leaving = false;
  window.addEventListener("beforeunload", (event) => { if (unsaved().length && !leaving) event.preventDefault(); });

  /* Changing language: what is pending goes first; what cannot go is in the copy of this tab, put back over there. */
  document.querySelector("a[data-switch]")?.addEventListener("click", async (event) => {
    if (!unsaved().length || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { href } = event.currentTarget;
    const until = Date.now() + 3000;
    while (unsaved().some((one) => !one.failed) && Date.now() < until) {
      unsaved().forEach((one) => one.send());
      await new Promise((done) => { setTimeout(done, 50); });
    }
    leaving = true;
    location.assign(href);
  });
  const retry = () => answers.filter((one) => one.failed).forEach((one) => one.send());
  window.addEventListener("online", retry);
  window.addEventListener("focus", retry);
  document.addEventListener("visibilitychange", () => { if (document.hidden) answers.forEach((one) => one.send()); else retry(); });
  document.getElementById("echec")?.addEventListener("click", (event) => { if (event.target.closest("[data-retry]")) retry(); });

  /* Back in this tab after an accident: what had not reached the server is put back, then sent. */
  answers.forEach((one) => {
    const kept = copy.get(one.code);
    if (!kept) return;
    if (JSON.stringify(kept.value) === one.saved) { copy.drop(one.code); return; }
    one.set(kept.value);
    one.sent = kept.sent;
    if (one.seen && kept.sent !== one.saved && Number(kept.seen) < Number(one.seen.value)) one.seen.value = kept.seen; // else the text over there is mine: only its answer was lost
    one.tell("warn", words.restored, true);
    one.touch();
  });

  /* What was typed while the script was on its way. */
  answers.forEach((one) => one.touch());

  /* Leaving by the buttons: what is pending goes first; a plain post saves the rest. */
  let waited = false;
  form.addEventListener("submit", async (event) => {
    if (!waited && answers.some((one) => one.busy)) { // on its way: the version it makes is the one that this post has read
      event.preventDefault();
      const { submitter } = event;
      const until = Date.now() + 5000;
      while (answers.some((one) => one.busy) && Date.now() < until) await new Promise((done) => { setTimeout(done, 50); });
      waited = true;
      form.requestSubmit(submitter);
      return;
    }
    waited = false;
    form.elements.csrfmiddlewaretoken.value = token();
    const stuck = answers.find((one) => one.stopped || one.failed);
    if (!stuck) { answers.forEach((one) => { one.saved = JSON.stringify(one.value()); copy.drop(one.code); }); return; }
    if (event.submitter?.name === "remove") return;
    event.preventDefault();
    stuck.send();
    stuck.box.scrollIntoView({ block: "center" });
    (stuck.fields()[0] ?? stuck.box).focus();
  });
  document.querySelectorAll("[data-plain]").forEach((one) => { one.hidden = true; });
}
