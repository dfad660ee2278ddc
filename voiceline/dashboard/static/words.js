// The words of a draft: lit as they are heard, and heard when one is chosen. One tab stop for all.

const QUIET = 4000; // ms after somebody scrolled the words by hand in which we do not

function wordAt(words, seconds) {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(words[middle].dataset.start) <= seconds) low = middle + 1;
    else high = middle;
  }
  const word = words[low - 1];
  return word && seconds < Number(word.dataset.end) ? word : null;
}

function makeStop(box, word) {
  const before = box.querySelector("[tabindex]");
  if (before === word) return;
  for (const name of ["tabindex", "role"]) before?.removeAttribute(name);
  word.setAttribute("tabindex", "0");
  word.setAttribute("role", "button");
}

function keepInSight(box, word, touched) {
  const byHand = performance.now() - touched.at < QUIET || box.contains(document.activeElement);
  const [outer, inner] = [box.getBoundingClientRect(), word.getBoundingClientRect()];
  if (byHand || (inner.top >= outer.top && inner.bottom <= outer.bottom)) return;
  // The box alone: a page that scrolls by itself would carry away what somebody is writing.
  box.scrollTop += inner.top - outer.top - box.clientHeight / 3;
}

function light(box, words, audio, touched) {
  const word = audio.currentTime > 0 ? wordAt(words, audio.currentTime) : null;
  const before = box.querySelector(".said");
  if (word !== before) {
    before?.classList.remove("said");
    word?.classList.add("said");
    if (word && !audio.paused) keepInSight(box, word, touched);
    if (word && !box.contains(document.activeElement)) makeStop(box, word);
  }
}

function step(words, from, key) {
  const place = words.indexOf(from);
  const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: words.length - 1 }[key];
  return to === undefined ? null : (words[to] ?? from);
}

function enhance(box) {
  const root = document.querySelector(`[data-player="${box.dataset.wordsOf}"]`);
  const words = [...box.querySelectorAll("[data-start]")];
  if (!root || !words.length || box.dataset.ready) return;
  box.dataset.ready = "yes";
  box.setAttribute("role", "region"); // a group would be laid out as a row of buttons
  box.setAttribute("aria-label", box.dataset.label);
  const audio = root.querySelector("audio");
  const touched = { at: -QUIET };
  const hear = (word) => {
    const detail = Number(word.dataset.start);
    root.dispatchEvent(new CustomEvent("hear", { detail }));
  };
  makeStop(box, words[0]);
  for (const event of ["wheel", "touchmove", "pointerdown"]) {
    box.addEventListener(event, () => (touched.at = performance.now()), { passive: true });
  }
  const follow = () => {
    light(box, words, audio, touched);
    if (!audio.paused) requestAnimationFrame(follow);
  };
  audio.addEventListener("play", follow);
  audio.addEventListener("seeked", () => light(box, words, audio, touched));
  box.addEventListener("click", (event) => {
    const word = event.target.closest("[data-start]");
    if (word && getSelection().isCollapsed) hear(word);
  });
  box.addEventListener("keydown", (event) => {
    const word = event.target.closest("[data-start]");
    if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = step(words, word, event.key);
    if (next) {
      makeStop(box, next);
      next.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      hear(word);
    } else {
      return;
    }
    event.preventDefault();
  });
}

function enhanceAll() {
  document.querySelectorAll("[data-words-of]").forEach(enhance);
}

document.addEventListener("htmx:afterSwap", enhanceAll);
enhanceAll();
