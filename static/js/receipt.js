/* The receipt waits for its PDF: asked again every two seconds, then less and less often. */
let wait = 2000;
const look = async () => {
  const line = document.getElementById("pdf");
  if (!line?.dataset.wait) return;
  try {
    const answer = await fetch(line.dataset.wait, { credentials: "same-origin", redirect: "manual" });
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("pdf");
      if (fresh && !fresh.dataset.wait) {
        const sent = line.querySelector(":scope > span.dim");
        line.replaceWith(fresh);
        if (sent) fresh.append(sent);
        return;
      }
    }
  } catch { /* the link « Actualiser » stays */ }
  wait = Math.min(wait * 1.3, 20000);
  setTimeout(look, wait);
};
setTimeout(look, 1200);
