// The player: a waveform and keys around the page's own <audio>, which works without any of this.

const STEP = 5;
const SPEED_KEY = "voiceline-speed";

function clock(seconds) {
  const whole = Math.floor(seconds || 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function jump(audio, seconds) {
  const end = Number.isFinite(audio.duration) ? audio.duration : Infinity;
  audio.currentTime = Math.min(Math.max(audio.currentTime + seconds, 0), end);
}

function toggle(audio) {
  if (audio.paused) {
    audio.play().catch(() => {}); // the error event tells the person
  } else {
    audio.pause();
  }
}

function hearFrom(audio, seconds) {
  const start = () => {
    audio.currentTime = seconds;
    audio.play().catch(() => {});
  };
  if (audio.readyState > 0) {
    start();
  } else {
    audio.addEventListener("loadedmetadata", start, { once: true });
    audio.preload = "auto";
    audio.load();
  }
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function waveColours() {
  return {
    waveColor: colour("--wave"),
    progressColor: colour("--brand"),
    cursorColor: colour("--ink"),
  };
}

async function drawWave(root, audio) {
  if (!root.dataset.wavesurfer) return;
  const [{ default: WaveSurfer }, answer] = await Promise.all([
    import(root.dataset.wavesurfer),
    fetch(root.dataset.waveform),
  ]);
  if (!answer.ok) return;
  const { peaks, seconds } = await answer.json();
  if (!peaks.length || !seconds) return;
  const container = root.querySelector(".wave");
  container.hidden = false;
  const wave = WaveSurfer.create({
    container,
    media: audio,
    peaks: [peaks],
    duration: seconds,
    height: 64,
    barWidth: 3,
    barGap: 2,
    barRadius: 2,
    cursorWidth: 2,
    ...waveColours(),
    cspNonce: document.querySelector("meta[name=csp-nonce]")?.nonce,
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    wave.setOptions(waveColours());
  });
}

function wordsOf(root) {
  return document.querySelector(`[data-words-of="${root.dataset.player}"]`);
}

function lightWords(root, audio) {
  const now = audio.currentTime;
  for (const word of wordsOf(root)?.children ?? []) {
    const said = now >= Number(word.dataset.start) && now < Number(word.dataset.end);
    word.classList.toggle("said", said && now > 0);
  }
}

function showProgress(root, audio) {
  root.querySelector("[data-show=time]").textContent = clock(audio.currentTime);
  lightWords(root, audio);
  if (!audio.paused) requestAnimationFrame(() => showProgress(root, audio));
}

function setSpeed(audio, select) {
  audio.playbackRate = Number(select.value);
  localStorage.setItem(SPEED_KEY, select.value);
}

function connect(root, audio) {
  const button = root.querySelector("[data-do=toggle]");
  const speed = root.querySelector("[data-do=speed]");
  button.addEventListener("click", () => toggle(audio));
  root.querySelector("[data-do=back]").addEventListener("click", () => jump(audio, -STEP));
  root.querySelector("[data-do=forward]").addEventListener("click", () => jump(audio, STEP));
  speed.addEventListener("change", () => setSpeed(audio, speed));
  const remembered = localStorage.getItem(SPEED_KEY);
  if ([...speed.options].some((option) => option.value === remembered)) {
    speed.value = remembered;
    audio.defaultPlaybackRate = audio.playbackRate = Number(remembered);
  }
  for (const event of ["play", "pause", "ended", "timeupdate", "seeked"]) {
    audio.addEventListener(event, () => {
      root.classList.toggle("playing", !audio.paused);
      button.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
      if (audio.paused || event === "play") showProgress(root, audio);
    });
  }
  audio.addEventListener("error", () => {
    root.querySelector("[data-show=trouble]").hidden = false;
  });
}

function enhance(root) {
  if (root.dataset.ready) return;
  root.dataset.ready = "yes";
  const audio = root.querySelector("audio");
  connect(root, audio);
  audio.controls = false;
  for (const part of document.querySelectorAll(".controls, .keys")) part.hidden = false;
  drawWave(root, audio).catch(() => {}); // a picture; the player plays without it
}

function enhanceAll() {
  document.querySelectorAll("[data-player]").forEach(enhance);
}

document.addEventListener("click", (event) => {
  const word = event.target.closest?.("[data-words-of] [data-start]");
  if (!word) return;
  const root = document.querySelector(`[data-player="${word.parentElement.dataset.wordsOf}"]`);
  if (root) hearFrom(root.querySelector("audio"), Number(word.dataset.start));
});

document.addEventListener("keydown", (event) => {
  const elsewhere = event.target.closest?.("input, select, textarea, button, a, summary, audio");
  const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  const audio = document.querySelector("[data-player] audio");
  if (elsewhere || modified || !audio) return;
  const act = {
    " ": () => toggle(audio),
    ArrowLeft: () => jump(audio, -STEP),
    ArrowRight: () => jump(audio, STEP),
  }[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

document.addEventListener("htmx:afterSwap", enhanceAll);
enhanceAll();
