/* Characters as a person counts them; spoken only when the typing pauses. The same count is made on the server. */
const count = (text) => [...text.replace(/\r\n/g, "\n").normalize("NFC")].length;
const spaced = (n) => new Intl.NumberFormat(document.documentElement.lang).format(n).replace(/[\u202f\u2009]/g, "\u00a0");

document.querySelectorAll("[data-count]").forEach((place) => {
  const box = document.getElementById(place.dataset.count);
  const most = Number(place.dataset.most);
  let pause;
  const show = () => {
    const n = count(box.value);
    const over = n > most;
    place.textContent = over
      ? place.dataset.over.replace("{n}", spaced(n)).replace("{most}", spaced(most)).replace("{over}", spaced(n - most))
      : place.dataset.text.replace("{n}", spaced(n)).replace("{most}", spaced(most));
    place.className = over ? "error" : "";
    return over;
  };
  const update = () => {
    const over = show();
    clearTimeout(pause);
    pause = setTimeout(() => {
      if (over || count(box.value) > most * 0.9) document.dispatchEvent(new CustomEvent("jalon:say", { detail: place.textContent }));
    }, 1500);
  };
  box.addEventListener("input", update);
  box.addEventListener("jalon:set", show);
  show();
});
