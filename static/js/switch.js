/* Changing language keeps the page and what is being typed in it: a copy in this tab carries the fields over, and is erased there. */
const link = document.querySelector("a[data-switch]");
const KEY = "jalon:langue";
const LEFT = ["hidden", "password", "file", "submit", "button", "reset", "fieldset", "output"];
const bare = (path) => path.replace(/^\/en(?=\/)/, "");
const forms = () => [...document.querySelectorAll("main form:not([data-autosave])")];
const fields = (form) => [...form.elements].filter((one) => one.name && !LEFT.includes(one.type) && one.autocomplete !== "one-time-code");
const held = (one) => (one.type === "checkbox" || one.type === "radio" ? one.checked : one.tagName === "SELECT" ? [...one.selectedOptions].map((option) => option.value) : one.value);
const put = (one, value) => {
  if (typeof value === "boolean") one.checked = value;
  else if (Array.isArray(value)) [...one.options].forEach((option) => { option.selected = value.includes(option.value); });
  else one.value = value;
};
/* A field by its form, its name, and (boxes of one name) its value. */
const each = (use) => forms().forEach((form, index) => fields(form).forEach((one) => {
  use(one, `${index} ${one.name} ${one.type === "checkbox" || one.type === "radio" ? one.value : ""}`);
}));

link?.addEventListener("click", () => {
  const typed = {};
  each((one, name) => { typed[name] = held(one); });
  try { sessionStorage.setItem(KEY, JSON.stringify({ place: bare(link.pathname), typed })); } catch { /* full or forbidden: the page opens all the same */ }
});

window.addEventListener("load", () => {
  let kept;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY));
    sessionStorage.removeItem(KEY);
  } catch { return; }
  if (kept?.place !== bare(location.pathname)) return;
  let changed = false;
  each((one, name) => {
    if (!(name in kept.typed) || JSON.stringify(held(one)) === JSON.stringify(kept.typed[name])) return;
    put(one, kept.typed[name]);
    changed = true;
    ["input", "change"].forEach((kind) => one.dispatchEvent(new Event(kind, { bubbles: true })));
  });
  if (changed) document.dispatchEvent(new CustomEvent("jalon:say", { detail: link.dataset.kept }));
});
