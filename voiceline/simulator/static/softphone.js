// The telephone on the page: buttons, display, and what the line's events do to them.

import { Earpiece } from "./earpiece.js";
import { Journal } from "./journal.js";
import { Line } from "./line.js";
import { explain, loudness, openFile, openMicrophone } from "./mouthpiece.js";

const find = (id) => document.getElementById(id);
const pad = [...find("pad").querySelectorAll("button")];
const journal = new Journal(find("log"), find("log-empty"));
const earpiece = new Earpiece();

let line = null;
let voice = null;
let gathering = false;
let recording = false;
let began = 0;
let dialled = "";
let owed = []; // keys that the page's address asks for, one entry a prompt

function show(state, words, hint = "") {
  document.body.dataset.state = state;
  find("state").textContent = words;
  find("hint").textContent = hint;
}

function showNote(text, isWrong = false) {
  find("voice-note").textContent = text;
  find("voice-note").classList.toggle("wrong", isWrong);
}

function showTimer() {
  if (!began) return;
  const whole = Math.floor((performance.now() - began) / 1000);
  find("timer").textContent = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function lock(isBusy) {
  for (const name of ["to", "from", "withhold", "call"]) find(name).disabled = isBusy;
  for (const input of document.querySelectorAll("[name=source], #file")) input.disabled = isBusy;
  find("hang-up").disabled = !isBusy;
  for (const button of pad) button.disabled = !isBusy;
  if (!isBusy) find("from").disabled = find("withhold").checked;
}

async function openVoice(context) {
  const source = document.querySelector("[name=source]:checked").value;
  try {
    voice = source === "file" ? await openFile(context, find("file").files[0]) : await openMicrophone(context);
    showNote("");
  } catch (error) {
    voice = null;
    showNote(explain(error), true);
  }
}

async function call(event) {
  event.preventDefault();
  const context = earpiece.open();
  lock(true);
  show("calling", "Calling", "Getting the microphone ready.");
  dialled = "";
  owed = find("to").value.trim() === asked.number ? [...asked.keys] : [];
  find("timer").textContent = "0:00";
  find("dialled").textContent = find("to").value;
  await openVoice(context);
  const from = find("withhold").checked ? find("withhold").dataset.withheld : find("from").value.trim();
  try {
    line = await Line.call(find("to").value.trim(), from, react, lost);
    began = performance.now();
    find("hang-up").focus();
  } catch (error) {
    finish(`Not connected. ${error.message}`);
  }
}

function finish(hint) {
  voice?.close();
  voice = line = null;
  gathering = recording = false;
  began = 0;
  find("level").value = 0;
  const hadFocus = [document.body, find("hang-up"), ...pad].includes(document.activeElement);
  lock(false);
  if (hadFocus) find("call").focus();
  show("ready", "Ready", hint);
}

function lost(error) {
  earpiece.hush();
  finish(`The carrier cannot be reached any more. ${error.message}`);
}

async function stopRecording() {
  // The last fifth of a second is still on its way from the microphone.
  await voice?.flush();
  recording = false;
  find("level").value = 0;
}

async function press(key) {
  if (!line) return;
  earpiece.key(key);
  if (gathering) earpiece.hush();
  if (recording) await voice?.flush();
  dialled = (dialled + key).slice(-16);
  find("dialled").textContent = dialled;
  const heard = await line?.press(key).catch(() => true);
  if (heard === false) journal.note(`Nobody was waiting for the key ${key}.`);
}

async function dialOwed() {
  for (const key of owed.shift() ?? "") await press(key);
}

// Whoever comes by a link with a number and a code has only to press Call.
function readAddress() {
  const said = new URLSearchParams(location.search);
  const [number, code] = [said.get("number") ?? "", said.get("code") ?? ""];
  if (!/^\+[1-9][0-9]{6,14}$/.test(number)) return { number: null, keys: [] };
  find("to").value = find("dialled").textContent = number;
  const keys = /^[0-9]{1,8}$/.test(code) ? [...(said.get("language") === "es" ? ["2#"] : []), `${code}#`] : [];
  return { number, keys };
}

async function hangUp() {
  const current = line;
  earpiece.hush();
  if (recording) await stopRecording();
  await current?.hangUp().catch(lost);
}

function startRecording() {
  recording = true;
  show("recording", "Recording", voice ? "Speak now. # or hanging up ends it." : "Nobody hears you: there is no sound.");
  voice?.start((samples) => {
    if (!recording) return;
    find("level").value = loudness(samples);
    line?.speak(samples).catch(() => {});
  });
}

const MOST_TIMES = 50; // a prompt without end is cut off by a key long before

function hear(clip, detail) {
  for (let time = 0; time < Math.min(detail.times, MOST_TIMES); time += 1) {
    if (clip === null) earpiece.speak(detail.text, detail.language);
    else earpiece.play(line.clip(clip));
  }
}

const REACTIONS = {
  status: ({ detail }) => {
    if (detail.status === "in-progress") show("connected", "Connected", "Listen.");
  },
  gather: () => {
    gathering = true;
    dialled = "";
    show("connected", "Connected", "Your keys count now.");
    dialOwed();
  },
  keys: ({ detail }) => {
    gathering = false;
    if (detail.digits || detail.finished_on) earpiece.hush();
    show("connected", "Connected", "Listen.");
  },
  say: ({ clip, detail }) => hear(clip, detail),
  play: ({ clip, detail }) => {
    if (clip !== undefined && clip !== null) hear(clip, detail);
  },
  beep: ({ detail }) => earpiece.beep(detail.seconds),
  recording: startRecording,
  recorded: () => {
    recording = false;
    find("level").value = 0;
    show("connected", "Connected", "Listen.");
  },
  ended: () => finish("Call ended."),
};

function react(event) {
  journal.write(event);
  REACTIONS[event.kind]?.(event);
}

function chooseSource() {
  find("file").hidden = document.querySelector("[name=source]:checked").value !== "file";
  showNote("");
}

find("call-form").addEventListener("submit", call);
find("hang-up").addEventListener("click", hangUp);
find("clear").addEventListener("click", () => journal.clear());
find("withhold").addEventListener("change", () => lock(false));
for (const input of document.querySelectorAll("[name=source]")) input.addEventListener("change", chooseSource);
for (const button of pad) button.addEventListener("click", () => press(button.dataset.key));

document.addEventListener("keydown", (event) => {
  const isText = event.target.matches("input:not([type=checkbox], [type=radio], [type=file])");
  if (isText || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const button = pad.find((one) => one.dataset.key === event.key);
  if (!button || button.disabled) return;
  event.preventDefault();
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 150);
  press(event.key);
});

window.addEventListener("pagehide", () => line?.leave());
setInterval(showTimer, 250);
chooseSource();
lock(false);
const asked = readAddress();
show("ready", "Ready", asked.keys.length ? "Press Call: the code is keyed for you." : "Choose a number and call.");
