/* Jalon – what every page gains from a script; without it nothing is lost. No storage, no library. */

/* Speech: one polite region, after a pause, the last sentence wins. Other modules dispatch "jalon:say". */
const region = document.getElementById("annonce");
let pause;
document.addEventListener("jalon:say", (event) => {
  clearTimeout(pause);
  pause = setTimeout(() => { if (region) region.textContent = event.detail; }, 700);
});
const say = (text) => document.dispatchEvent(new CustomEvent("jalon:say", { detail: text }));

/* A summary of errors takes the focus when the page arrives with one. */
document.querySelector("[data-focus]")?.focus();

/* Folds stay open on a wide screen; browsers that know ::details-content do it in the style sheet. */
if (!CSS.supports("selector(::details-content)")) {
  const wide = matchMedia("(min-width: 62rem)");
  const unfold = () => document.querySelectorAll("details.fold").forEach((fold) => { if (wide.matches) fold.open = true; });
  wide.addEventListener("change", unfold);
  unfold();
}

/* A page that is meant for paper offers to print itself. */
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

/* A menu closes with Escape or a click elsewhere. */
const closeMenus = (except) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
  if (!menu.contains(except)) menu.open = false;
});
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest?.("details.menu[open]");
  closeMenus(null);
  menu?.querySelector("summary").focus();
});

/* Rows to choose: one box for all, a range with Shift, and the count in words. */
document.querySelectorAll("table[data-pick]").forEach((table) => {
  const all = table.querySelector("[data-pick-all]");
  const boxes = [...table.querySelectorAll("tbody td:first-child input[type=checkbox]")];
  const form = all?.form ?? document;
  const count = form.querySelector("[data-picked]");
  let last = null;
  const tell = () => {
    const n = boxes.filter((box) => box.checked).length;
    if (all) { all.checked = n > 0 && n === boxes.length; all.indeterminate = n > 0 && n < boxes.length; }
    if (count) count.textContent = n === 0 ? count.dataset.none : n === 1 ? count.dataset.one : count.dataset.many.replace("{n}", n);
  };
  all?.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); tell(); });
  boxes.forEach((box, index) => box.addEventListener("click", (event) => {
    if (event.shiftKey && last !== null) {
      boxes.slice(Math.min(last, index), Math.max(last, index) + 1).forEach((other) => { other.checked = box.checked; });
    }
    last = index;
    tell();
  }));
  if (all) all.closest("label").hidden = false;
  tell();
});

/* The session: five minutes before its end a dialog offers to stay; after, it says that the text is still here. */
const dialog = document.getElementById("session");
if (dialog?.showModal) {
  const form = dialog.querySelector("form");
  const part = (name) => dialog.querySelectorAll("[data-part]").forEach((one) => { one.hidden = one.dataset.part !== name; });
  const WARN = 300;
  let end = Date.now() + Number(dialog.dataset.left) * 1000;
  let said = "";
  let busy = false;
  const seconds = () => Math.round((end - Date.now()) / 1000);
  const ask = async (options) => {
    const answer = await fetch(dialog.dataset.href, { headers: { Accept: "application/json" }, credentials: "same-origin", ...options });
    if (!answer.ok) throw new Error(String(answer.status));
    end = Date.now() + (await answer.json()).left * 1000;
  };
  const open = (name) => {
    if (said === name) return;
    said = name;
    part(name);
    if (!dialog.open) dialog.showModal();
  };
  const check = async () => {
    if (busy || seconds() > WARN) return;
    busy = true;
    try { await ask(); } catch { /* the network is silent: trust the last count */ } finally { busy = false; }
    const left = seconds();
    if (left > WARN) { said = ""; if (dialog.open) dialog.close(); return; }
    dialog.querySelector("[data-minutes]").textContent = Math.max(1, Math.ceil(left / 60));
    open(left > 0 ? "soon" : "over");
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? form.elements.csrfmiddlewaretoken.value;
    try {
      await ask({ method: "POST", headers: { Accept: "application/json", "X-CSRFToken": token } });
    } catch { return; }
    said = "";
    if (seconds() <= 0) { open("over"); return; }
    dialog.close();
    say(dialog.dataset.stayed);
  });
  dialog.querySelectorAll("[data-close]").forEach((button) => button.addEventListener("click", () => dialog.close()));
  setInterval(check, 15000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) check(); });
}
