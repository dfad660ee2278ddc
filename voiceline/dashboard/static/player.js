// The player: a slider, keys and a speed around the page's own <audio>, which works without them.
// The outline is in the page already, so nothing here waits for a picture.

const STEP = 5;
const SPEED = "voiceline-speed";
const PLACES = "voiceline-places"; // of this tab: ids of voicemails with seconds, and nothing else
const KEPT_EVERY = 1;

let latest = null; // the player that was used last: keys are for it

const part = (root, name) => root.querySelector(`[data-do=${name}]`);
const audioOf = (root) => root.querySelector("audio");

function clock(seconds) {
  const whole = Math.floor(seconds || 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function endOf(root) {
  const { duration } = audioOf(root);
  return Number.isFinite(duration) ? duration : Number(root.dataset.seconds);
}

function places() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACES)) ?? {};
  } catch {
    return {};
  }
}

function keepPlace(root, seconds) {
  const { [root.dataset.player]: _, ...others } = places();
  const mine = seconds > 0 ? { [root.dataset.player]: Math.round(seconds * 10) / 10 } : {};
  sessionStorage.setItem(PLACES, JSON.stringify({ ...others, ...mine }));
}

function show(root) {
  const [now, end, seek] = [audioOf(root).currentTime, endOf(root), part(root, "seek")];
  root.querySelector("[data-show=time]").textContent = clock(now);
  root.querySelector(".wave").style.setProperty("--heard", `${end ? (100 * now) / end : 0}%`);
  seek.value = now;
  seek.setAttribute("aria-valuetext", `${clock(now)} of ${clock(Math.ceil(end))}`);
}

function goTo(root, seconds) {
  latest = root;
  audioOf(root).currentTime = Math.min(Math.max(seconds, 0), endOf(root));
  show(root);
}

function play(root) {
  const audio = audioOf(root);
  if (root.dataset.trouble) {
    const place = audio.currentTime;
    delete root.dataset.trouble;
    for (const each of root.querySelectorAll("[data-trouble]")) each.hidden = true;
    audio.load();
    audio.currentTime = place;
  }
  audio.play().catch(() => {}); // the error event tells the person
}

function toggle(root) {
  latest = root;
  const audio = audioOf(root);
  if (audio.paused) play(root);
  else audio.pause();
}

function changeSpeed(root, step) {
  const speed = part(root, "speed");
  const chosen = Math.min(Math.max(speed.selectedIndex + step, 0), speed.options.length - 1);
  speed.selectedIndex = chosen;
  setSpeed(root);
}

function setSpeed(root) {
  const { value } = part(root, "speed");
  localStorage.setItem(SPEED, value);
  for (const each of document.querySelectorAll("[data-player].ready")) {
    part(each, "speed").value = value;
    audioOf(each).defaultPlaybackRate = audioOf(each).playbackRate = Number(value);
  }
}

// Say why nothing is heard: the server knows, and the element does not tell.
async function findTrouble(root) {
  try {
    const answer = await fetch(root.dataset.audio, { method: "HEAD" });
    if (answer.status === 401) return "signed-out";
    return answer.status === 410 ? "410" : "other";
  } catch {
    return "offline";
  }
}

async function tellTrouble(root) {
  if (root.dataset.trouble) return;
  root.dataset.trouble = "looking";
  audioOf(root).pause(); // an element without a source believes that it plays
  const found = await findTrouble(root);
  for (const each of root.querySelectorAll("[data-trouble]")) {
    each.hidden = each.dataset.trouble !== found;
  }
}

function follow(root) {
  const audio = audioOf(root);
  show(root);
  if (!audio.paused) requestAnimationFrame(() => follow(root));
}

function listen(root) {
  const audio = audioOf(root);
  let kept = 0;
  audio.addEventListener("play", () => {
    latest = root;
    for (const other of document.querySelectorAll("[data-player] audio")) {
      if (other !== audio) other.pause();
    }
    follow(root);
  });
  for (const event of ["play", "pause", "ended", "timeupdate", "seeked"]) {
    audio.addEventListener(event, () => {
      root.classList.toggle("playing", !audio.paused);
      part(root, "toggle").setAttribute("aria-label", audio.paused ? "Play" : "Pause");
      show(root);
      const passed = Math.abs(audio.currentTime - kept) >= KEPT_EVERY;
      if (passed || event !== "timeupdate") keepPlace(root, (kept = audio.currentTime));
    });
  }
  audio.addEventListener("ended", () => {
    keepPlace(root, 0);
    root.classList.remove("docked");
  });
  audio.addEventListener("error", () => tellTrouble(root));
  audio.querySelector("source:last-of-type").addEventListener("error", () => tellTrouble(root));
}

// What is played stays at hand when the page is scrolled; what is not, stays where it is.
function dock(root) {
  const shown = new IntersectionObserver(([entry]) => {
    const used = root === latest && audioOf(root).played.length > 0;
    const away = !entry.isIntersecting && used && !audioOf(root).ended;
    if (away && !root.classList.contains("docked")) {
      root.style.minHeight = `${root.offsetHeight}px`;
    }
    root.classList.toggle("docked", away);
    if (!away) root.style.minHeight = "";
  });
  shown.observe(root);
}

function enhance(root) {
  if (root.dataset.ready) return;
  root.dataset.ready = "yes";
  root.classList.add("ready");
  const audio = audioOf(root);
  const seek = part(root, "seek");
  part(root, "toggle").addEventListener("click", () => toggle(root));
  part(root, "back").addEventListener("click", () => goTo(root, audio.currentTime - STEP));
  part(root, "forward").addEventListener("click", () => goTo(root, audio.currentTime + STEP));
  part(root, "speed").addEventListener("change", () => setSpeed(root));
  seek.addEventListener("input", () => goTo(root, Number(seek.value)));
  root.addEventListener("hear", (event) => {
    goTo(root, event.detail);
    play(root);
  });
  listen(root);
  dock(root);
  audio.controls = false;
  seek.hidden = false;
  for (const each of document.querySelectorAll(".controls, .keys")) each.hidden = false;
  const place = places()[root.dataset.player];
  if (place > 0) audio.currentTime = place;
  show(root);
}

function enhanceAll() {
  const players = document.querySelectorAll("[data-player]");
  players.forEach(enhance);
  if (!latest?.isConnected) latest = players[0] ?? null;
  const remembered = localStorage.getItem(SPEED);
  const speed = latest && part(latest, "speed");
  if (speed && [...speed.options].some((option) => option.value === remembered)) {
    speed.value = remembered;
    setSpeed(latest);
  }
}

const KEYS = {
  " ": (root) => toggle(root),
  ArrowLeft: (root) => goTo(root, audioOf(root).currentTime - STEP),
  ArrowRight: (root) => goTo(root, audioOf(root).currentTime + STEP),
};
const SPEED_KEYS = { "<": -1, ">": 1 };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !latest) return;
  const at = event.target.closest?.("input, select, textarea, button, a, summary, audio");
  const mine = event.target.closest?.(".message");
  const typed = at?.matches("textarea, select, input:not(.seek)");
  if (SPEED_KEYS[event.key] && mine && !typed) {
    changeSpeed(latest, SPEED_KEYS[event.key]);
  } else if (KEYS[event.key] && !event.shiftKey && (!at || at.matches(".seek"))) {
    KEYS[event.key](mine?.querySelector("[data-player].ready") ?? latest);
  } else {
    return;
  }
  event.preventDefault();
});

document.addEventListener("htmx:afterSwap", enhanceAll);
enhanceAll();
