/* Scoring: saved as one goes, digits set marks, the answers of the criterion at hand are bordered. Without it the form works whole. */

const form = document.querySelector("form[data-sheet]");
const say = (text) => document.dispatchEvent(new CustomEvent("jalon:say", { detail: text }));

if (form) {
  const line = form.querySelector("[data-saved]");
  const totals = document.querySelectorAll("[data-total]");
  const count = form.querySelector("[data-done]");
  const WAIT = 700;
  const RETRY = 10000;
  let timer;
  let busy = false;
  let dirty = false;

  const tell = (text, state) => {
    line.textContent = text;
    line.dataset.s = state;
    if (state !== "ok" && state !== "in_progress") say(text);
  };
  const later = (ms) => { clearTimeout(timer); timer = setTimeout(save, ms); };
  const send = (options) => fetch(form.dataset.href, {
    method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, credentials: "same-origin", ...options,
  });

  async function save() {
    if (busy) { dirty = true; return; }
    busy = true;
    dirty = false;
    tell(form.dataset.saving, "in_progress");
    let answer;
    try {
      answer = await send();
    } catch {
      busy = false;
      dirty = true;
      tell(form.dataset.network, "warn");
      later(RETRY);
      return;
    }
    busy = false;
    const isJson = (answer.headers.get("Content-Type") || "").includes("json");
    if (answer.ok && isJson && !answer.redirected) {
      const found = await answer.json();
      totals.forEach((one) => { one.textContent = found.total; });
      count.textContent = found.done;
      tell(found.saved, "ok");
      if (dirty) later(WAIT);
    } else if (answer.status === 409 && isJson) {
      tell((await answer.json()).refused.join(" "), "ko");
    } else if (answer.status >= 500) {
      dirty = true;
      tell(form.dataset.server, "warn");
      later(RETRY);
    } else {
      tell(form.dataset.gone, "ko");
    }
  }

  form.addEventListener("input", () => { dirty = true; later(WAIT); });
  form.addEventListener("submit", () => { clearTimeout(timer); dirty = false; });
  addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && dirty && !busy) { clearTimeout(timer); dirty = false; send({ keepalive: true }).catch(() => { dirty = true; }); }
  });

  /* The total at once, from what is ticked; the server says it again when it has saved. */
  const blocks = [...form.querySelectorAll("[data-criterion]")];
  const most = (block) => Math.max(...[...block.querySelectorAll("input[type=radio]")].map((one) => Number(one.value)));
  const reckon = () => {
    let points = 0;
    let weights = 0;
    let done = 0;
    blocks.forEach((block) => {
      const picked = block.querySelector("input[type=radio]:checked");
      weights += Number(block.dataset.weight);
      if (!picked) return;
      done += 1;
      points += (Number(block.dataset.weight) * Number(picked.value)) / most(block);
      form.querySelector(`[data-mark="${block.dataset.criterion}"]`).textContent = picked.nextElementSibling.textContent;
    });
    const shown = ((points * 100) / weights).toFixed(2);
    totals.forEach((one) => { one.textContent = document.documentElement.lang.startsWith("fr") ? shown.replace(".", ",") : shown; });
    count.textContent = done;
  };
  form.addEventListener("change", reckon);

  /* Digits and the comma, inside a group of marks only. */
  const pick = (group, value) => {
    const radio = group.querySelector(`input[value="${value}"]`);
    if (!radio) return;
    radio.checked = true;
    radio.focus();
    radio.dispatchEvent(new Event("input", { bubbles: true }));
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  };
  form.addEventListener("keydown", (event) => {
    const group = event.target.closest?.("fieldset.score");
    if (!group || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) {
      event.preventDefault();
      pick(group, event.key);
    } else if (event.key === "," || event.key === ".") {
      event.preventDefault();
      const now = group.querySelector("input:checked");
      if (now) pick(group, now.value.includes(".") ? now.value.split(".")[0] : `${now.value}.5`);
    }
  });

  /* The criterion at hand: its answers bordered on the left, the first one in view. */
  const reader = document.querySelector("[data-reader]");
  let at = "";
  const turn = (code, scroll) => {
    if (code === at || !reader) return;
    at = code;
    reader.querySelectorAll("[data-current]").forEach((one) => { one.textContent = code; });
    let first = null;
    reader.querySelectorAll("[data-criteria]").forEach((one) => {
      const tied = one.dataset.criteria.split(" ").includes(code);
      one.classList.toggle("is-tied", tied);
      if (tied && !first) first = one;
    });
    form.querySelectorAll("[data-go]").forEach((one) => {
      if (one.dataset.go === code) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
    });
    const pane = reader.closest(".pane");
    if (scroll && first && matchMedia("(min-width: 64rem)").matches) pane.scrollTo({ top: first.offsetTop - pane.offsetTop - 16 });
  };
  form.addEventListener("focusin", (event) => {
    const block = event.target.closest("[data-criterion]");
    if (block) turn(block.dataset.criterion, true);
  });
  form.addEventListener("click", (event) => {
    const link = event.target.closest("[data-go]");
    if (!link) return;
    event.preventDefault();
    const block = document.getElementById(link.dataset.go);
    block.scrollIntoView();
    (block.querySelector("input:checked") || block.querySelector("input")).focus({ preventScroll: true });
    turn(link.dataset.go, true);
  });
}
