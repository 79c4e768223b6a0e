/* Grids (budget, tables of a form): rows with stable ids, columns pasted from a spreadsheet, arrows, cents cut off with a notice.
   A table says its part (data-grid), a cell its name (data-cell) and, for whole numbers, data-whole. Sums come from the server. */

const ID = () => `r${(crypto.randomUUID?.() ?? `${Math.random()}`).replace(/[^a-z0-9]/g, "").slice(0, 10)}`;
const english = document.documentElement.lang.startsWith("en");
const spaced = (n) => (english ? new Intl.NumberFormat("en-CA").format(n) : new Intl.NumberFormat("fr-CA").format(n).replace(/[\u202f\u2009,]/g, "\u00a0"));
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().trim();

const isWhole = (cell) => "whole" in cell.dataset;

/* « 1 234,56 $ », « $1,234.56 », « (12) » … as whole dollars; null when it is no amount. */
export function dollars(text) {
  let bare = text.replace(/[\s\u00a0\u202f$'’]/g, "").replace(/^CAD/i, "");
  if (!bare) return null;
  if (/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(bare)) bare = bare.replace(/,/g, "");
  else if (/^\d{1,3}(\.\d{3})+(,\d+)?$/.test(bare)) bare = bare.replace(/\./g, "").replace(",", ".");
  else bare = bare.replace(",", ".");
  if (!/^\d+(\.\d*)?$/.test(bare)) return null;
  const whole = bare.split(".")[0];
  return { amount: Number(whole), cut: Number(`0.${bare.split(".")[1] ?? 0}`) > 0 };
}

/* The value of the answer, from its rows by part; a row with nothing written is left out by the server. */
export function read(box, now = true) {
  const given = (cell) => (cell.tagName === "SELECT" ? ([...cell.options].find((one) => one.defaultSelected) ?? cell.options[0])?.value : cell.defaultValue);
  const value = {};
  box.querySelectorAll("[data-grid]").forEach((table) => {
    value[table.dataset.grid] = [...table.tBodies[0].rows].map((row) => {
      const data = { id: row.dataset.row };
      row.querySelectorAll("[data-cell]").forEach((cell) => {
        const text = (now ? cell.value : given(cell)) ?? "";
        if (cell.type === "checkbox") data[cell.dataset.cell] = now ? cell.checked : cell.defaultChecked;
        else data[cell.dataset.cell] = isWhole(cell) ? dollars(text)?.amount ?? text : text;
      });
      return data;
    });
  });
  return value;
}

function number(table) {
  [...table.tBodies[0].rows].forEach((row, index) => {
    row.querySelector("[data-n]").textContent = index + 1;
    row.querySelectorAll("[data-label]").forEach((cell) => cell.setAttribute("aria-label", cell.dataset.label.replace("{n}", index + 1)));
  });
}

function addRow(table, id = ID()) {
  const pattern = table.parentElement.querySelector("template");
  const row = pattern.content.firstElementChild.cloneNode(true);
  row.dataset.row = id;
  row.id = `ligne-${id}`;
  row.querySelectorAll("[name]").forEach((cell) => { cell.name = cell.name.replaceAll("__row__", id); if (cell.value === "__row__") cell.value = id; });
  table.tBodies[0].append(row);
  number(table);
  return row;
}

/* The rows of a value in place of those shown, ids kept, a blank row at the end: what a tab kept, or the other text. */
export function fill(box, value) {
  box.querySelectorAll("[data-grid]").forEach((table) => {
    table.tBodies[0].replaceChildren();
    (value?.[table.dataset.grid] ?? []).forEach((data) => {
      addRow(table, data.id).querySelectorAll("[data-cell]").forEach((cell) => {
        const held = data[cell.dataset.cell];
        if (cell.type === "checkbox") cell.checked = held === true;
        else cell.value = typeof held === "number" ? spaced(held) : held ?? "";
      });
    });
    if (!table.tBodies[0].rows.length) addRow(table);
  });
}

function write(cell, text, seen) {
  if (isWhole(cell)) {
    const found = dollars(text);
    cell.value = found ? spaced(found.amount) : text.trim();
    if (found?.cut) seen.cut += 1;
    if (!found && text.trim()) seen.odd += 1;
  } else if (cell.tagName === "SELECT") {
    const wanted = fold(text);
    const option = [...cell.options].find((one) => one.value && (fold(one.text) === wanted || one.value === wanted))
      ?? [...cell.options].find((one) => one.value && wanted && (fold(one.text).startsWith(wanted) || wanted.startsWith(fold(one.text))));
    if (option) cell.value = option.value; else if (wanted) seen.odd += 1;
  } else if (cell.type === "checkbox") cell.checked = /^(oui|yes|x|1|vrai|true)$/i.test(text.trim());
  else cell.value = text.trim();
}

document.querySelectorAll("[data-grid]").forEach((table) => {
  const box = table.closest("[data-question]");
  const notice = box.querySelector("[data-notice]");
  const changed = () => table.dispatchEvent(new CustomEvent("jalon:grid", { bubbles: true }));
  const tell = (seen) => {
    if (!notice) return;
    const said = [seen.rows ? notice.dataset.rows.replace("{n}", seen.rows) : "", seen.cut ? notice.dataset.cut : "", seen.odd ? notice.dataset.odd : ""].filter(Boolean).join(" ");
    notice.textContent = said;
    notice.hidden = !said;
    if (said) document.dispatchEvent(new CustomEvent("jalon:say", { detail: said }));
  };
  const cells = (row) => [...row.querySelectorAll("[data-cell]")];

  table.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!event.target.dataset?.cell || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    const seen = { cut: 0, odd: 0, rows: 0 };
    const first = event.target.closest("tr");
    const column = cells(first).indexOf(event.target);
    let row = first;
    text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach((line, index) => {
      if (index) row = row.nextElementSibling ?? addRow(table);
      const into = cells(row);
      line.split("\t").forEach((part, at) => { if (into[column + at]) write(into[column + at], part, seen); });
      seen.rows += 1;
    });
    tell(seen);
    changed();
  });

  table.addEventListener("change", (event) => {
    if (!event.target.dataset.cell || !isWhole(event.target)) return;
    const found = dollars(event.target.value);
    if (found) event.target.value = spaced(found.amount);
    tell({ cut: found?.cut ? 1 : 0, odd: found || !event.target.value ? 0 : 1, rows: 0 });
  }, true);

  table.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.dataset?.cell || cell.tagName === "SELECT" || cell.tagName === "TEXTAREA" || cell.type === "date" || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = cell.closest("tr");
    const step = event.key === "ArrowDown" || event.key === "Enter" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    const next = step > 0 ? row.nextElementSibling ?? (event.key === "Enter" ? addRow(table) : null) : row.previousElementSibling;
    next?.querySelector(`[data-cell="${cell.dataset.cell}"]`)?.focus();
  });

  table.addEventListener("click", (event) => {
    const button = event.target.closest("[data-drop]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("tr");
    const near = row.nextElementSibling ?? row.previousElementSibling;
    if (near) { row.remove(); near.querySelector("[data-drop]").focus(); } else cells(row).forEach((cell) => { if (cell.type === "checkbox") cell.checked = false; else cell.value = ""; });
    number(table);
    changed();
  });

  box.querySelector(`[data-add="${table.dataset.grid}"]`)?.addEventListener("click", (event) => {
    event.preventDefault();
    addRow(table).querySelector("[data-cell]").focus();
  });
});
