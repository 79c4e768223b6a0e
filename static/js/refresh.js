/* Jalon – what is under way reads itself again: the element with data-refresh, every so many seconds, until it is over. */
const parser = new DOMParser();
const wait = (element) => {
  const seconds = Number(element.dataset.refresh);
  if (seconds > 0) setTimeout(() => read(element), seconds * 1000);
};
const read = async (element) => {
  if (document.hidden || element.contains(document.activeElement)) { wait(element); return; }
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = answer.ok && parser.parseFromString(await answer.text(), "text/html").getElementById(element.id);
    if (!fresh) return;
    const text = fresh.querySelector("[data-state]")?.textContent.trim();
    element.replaceWith(document.adoptNode(fresh));
    if (!Number(fresh.dataset.refresh) && text) document.dispatchEvent(new CustomEvent("jalon:say", { detail: text }));
    wait(fresh);
  } catch { wait(element); }
};
document.querySelectorAll("[data-refresh][id]").forEach(wait);
