/* Municipalities suggested while a name is typed: the list of the browser, filled by the server. Without script the name or the code is enough. */
const PAUSE = 150;
const list = (box) => {
  if (box.list) return box.list;
  const made = document.createElement("datalist");
  made.id = `noms-${crypto.randomUUID?.() ?? Math.random()}`;
  box.after(made);
  box.setAttribute("list", made.id);
  return made;
};
let pause;

document.addEventListener("input", (event) => {
  const box = event.target;
  if (!box.dataset?.places || box.value.trim().length < 2) return;
  clearTimeout(pause);
  pause = setTimeout(async () => {
    const asked = box.value;
    try {
      const answer = await fetch(`${box.dataset.places}?q=${encodeURIComponent(asked)}`, { credentials: "same-origin", headers: { Accept: "application/json" }, redirect: "manual" });
      if (!answer.ok || box.value !== asked) return;
      const { places } = await answer.json();
      list(box).replaceChildren(...places.map((text) => Object.assign(document.createElement("option"), { value: text })));
    } catch { /* the name is read by the server when it is saved */ }
  }, PAUSE);
});
