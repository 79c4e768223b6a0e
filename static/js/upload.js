/* Files: dropped or chosen together, checked before sending, sent one by one with progress; a retry never makes a second copy. */
import { askState, token } from "./autosave.js";

const say = (text) => document.dispatchEvent(new CustomEvent("jalon:say", { detail: text }));
const ID = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
let running = 0;

function line(place, file) {
  const row = place.querySelector("template[data-row]").content.firstElementChild.cloneNode(true);
  row.querySelector("b").textContent = file.name;
  place.querySelector("[data-queue]").append(row);
  return row;
}

function tell(row, state, text) {
  const sign = row.querySelector(".sign");
  sign.dataset.s = state;
  sign.textContent = text;
}

function against(place, file) {
  const { accept, most, size, type, empty } = place.dataset;
  const ends = accept.split(",").filter(Boolean);
  if (ends.length && !ends.some((end) => file.name.toLowerCase().endsWith(end))) return type;
  if (file.size > Number(most)) return size;
  return file.size === 0 ? empty : "";
}

function send(place, row, file, uploadKey) {
  const words = place.dataset;
  const bar = row.querySelector("progress");
  const again = row.querySelector("[data-again]");
  const stop = row.querySelector("[data-stop]");
  again.hidden = true;
  bar.hidden = false;
  const call = new XMLHttpRequest();
  const fail = (text) => { running -= 1; bar.hidden = true; again.hidden = false; tell(row, "ko", text); say(`${file.name} : ${text}`); };
  const data = new FormData();
  data.append("file", file);
  data.append("upload_key", uploadKey);
  running += 1;
  tell(row, "in_progress", words.sending);
  call.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = Math.round((event.loaded / event.total) * 100); };
  call.onload = () => {
    if (call.status === 401 || call.status === 403) return fail(words.session);
    if (call.status >= 500) return fail(words.server);
    let said = null;
    try { said = JSON.parse(call.responseText); } catch { return fail(words.server); }
    if (call.status >= 400) return fail(said.line ?? words.server);
    running -= 1;
    row.remove();
    const list = place.querySelector("[data-files]");
    const fresh = list.cloneNode(false);
    fresh.innerHTML = said.html;
    if (fresh.childElementCount >= list.childElementCount) list.replaceChildren(...fresh.childNodes); // else a later file was listed first
    say(said.line);
    return askState();
  };
  call.onerror = () => fail(words.network);
  call.onabort = () => { running -= 1; row.remove(); };
  call.open("POST", words.href);
  call.setRequestHeader("X-CSRFToken", token());
  call.setRequestHeader("Accept", "application/json");
  call.send(data);
  again.onclick = () => send(place, row, file, uploadKey);
  stop.onclick = () => { if (call.readyState === 4) row.remove(); else call.abort(); };
}

function take(place, files) {
  const several = place.hasAttribute("data-multiple");
  [...files].slice(0, several ? undefined : 1).forEach((file) => {
    const row = line(place, file);
    const fault = against(place, file);
    if (!fault) { send(place, row, file, ID()); return; }
    tell(row, "ko", fault);
    row.querySelector("progress").hidden = true;
    row.querySelector("[data-again]").hidden = true;
    row.querySelector("[data-stop]").onclick = () => row.remove();
    say(`${file.name} : ${fault}`);
  });
}

document.querySelectorAll("[data-slot]").forEach((place) => {
  const input = place.querySelector("input[type=file]");
  const zone = place.querySelector(".slot.is-empty");
  zone?.classList.add("is-live");
  input?.addEventListener("change", (event) => { event.stopPropagation(); take(place, input.files); input.value = ""; });
  ["dragover", "drop"].forEach((name) => zone?.addEventListener(name, (event) => { event.preventDefault(); if (name === "drop") take(place, event.dataTransfer.files); }));
  place.addEventListener("click", async (event) => {
    const button = event.target.closest("button[name=remove]");
    if (!button) return;
    event.preventDefault();
    try {
      const answer = await fetch(button.dataset.href, { method: "POST", credentials: "same-origin", redirect: "manual", headers: { Accept: "application/json", "X-CSRFToken": token() } });
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.json();
      place.querySelector("[data-files]").innerHTML = said.html;
      say(said.line);
      input?.focus();
      askState();
    } catch { say(place.dataset.server); }
  });
});
window.addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
