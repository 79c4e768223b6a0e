/* Answers made of parts: each control says where its value goes (data-part, « answers.S1 », « targets[] » for a list of ticks). */

const place = (value, path, held) => {
  const names = path.split(".");
  const last = names.pop();
  names.reduce((into, name) => { into[name] ??= {}; return into[name]; }, value)[last] = held;
};

/* The parts of an answer, as they are now or as the page came. */
export function readParts(box, now = true) {
  const value = {};
  box.querySelectorAll("[data-part]").forEach((one) => {
    const { part } = one.dataset;
    const isOn = now ? one.checked : one.defaultChecked;
    if (part.endsWith("[]")) {
      const name = part.slice(0, -2);
      value[name] ??= [];
      if (isOn) value[name].push(one.value);
    } else if (one.type === "radio") {
      if (isOn) place(value, part, one.value);
    } else place(value, part, now ? one.value : one.defaultValue);
  });
  return value;
}

/* What a tab kept, or the other text, put back in the controls. */
export function fillParts(box, value) {
  box.querySelectorAll("[data-part]").forEach((one) => {
    const { part } = one.dataset;
    if (part.endsWith("[]")) one.checked = (value?.[part.slice(0, -2)] ?? []).includes(one.value);
    else {
      const held = part.split(".").reduce((from, name) => from?.[name], value);
      if (one.type === "radio") one.checked = String(held ?? "") === one.value;
      else one.value = held ?? "";
    }
  });
}
