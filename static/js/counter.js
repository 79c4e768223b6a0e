/* Characters as a person counts them; spoken only when the typing pauses. The same count is made on the server. */
const count = (text) => [...text.replace(/\r\n/g, "\n").normalize("NFC")].length;
/* Words as French counts them (applications/typed.py): an apostrophe separates, a hyphen joins, « 12 500,50 » is one. */
const wordsIn = (text) => [...text.normalize("NFC").replace(/aujourd['’]hui/gi, "aujourdhui").replace(/(?<=[0-9])[ \u00a0\u202f](?=[0-9]{3}(?![0-9]))|(?<=[0-9])[.,](?=[0-9])/g, "")
  .matchAll(/[\p{L}\p{N}]+(?:[-\u2010\u2011][\p{L}\p{N}]+)*/gu)].length;
const spaced = (n) => new Intl.NumberFormat(document.documentElement.lang).format(n).replace(/[\u202f\u2009]/g, "\u00a0");

document.querySelectorAll("[data-count]").forEach((place) => {
  const box = document.getElementById(place.dataset.count);
  const most = Number(place.dataset.most);
  const measure = "words" in place.dataset ? wordsIn : count;
  let pause;
  const show = () => {
    const n = measure(box.value);
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
      if (over || measure(box.value) > most * 0.9) document.dispatchEvent(new CustomEvent("jalon:say", { detail: place.textContent }));
    }, 1500);
  };
  box.addEventListener("input", update);
  box.addEventListener("jalon:set", show);
  show();
});
