// The recorder of greetings, and a voice that reads texts: both beside forms that work without.

const RATE = 16000; // twice the telephone's: two minutes are four megabytes
const HURRY = 10; // seconds before the end of which the person is told
const WANTED = { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true };

function explain(error) {
  const why = {
    NotAllowedError: "The browser does not let this page use the microphone. Allow it beside the address and press Record again, or upload a file.",
    NotFoundError: "There is no microphone here. Connect one and press Record again, or upload a file.",
    NotReadableError: "Another program holds the microphone. Close it and press Record again, or upload a file.",
    InsecureError: "Browsers give the microphone to https pages only. Ask your operator, or upload a file.",
  };
  return why[error.name] ?? "The microphone failed. Press Record again, or upload a file.";
}

function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const root = Math.sqrt(sum / Math.max(1, samples.length));
  // Ears count in decibels: -60 dB is nothing, 0 dB is full.
  return root > 0 ? Math.max(0, 1 + (20 * Math.log10(root)) / 60) : 0;
}

// The pieces at the context's rate become one sound at ours, filtered by the browser itself.
async function resample(pieces, rate) {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const buffer = new AudioBuffer({ length: Math.max(1, length), sampleRate: rate });
  let at = 0;
  for (const piece of pieces) {
    buffer.copyToChannel(piece, 0, at);
    at += piece.length;
  }
  const offline = new OfflineAudioContext(1, Math.max(1, Math.round((length * RATE) / rate)), RATE);
  const source = new AudioBufferSourceNode(offline, { buffer });
  source.connect(offline.destination);
  source.start();
  return (await offline.startRendering()).getChannelData(0);
}

function wav(samples) {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const words = (at, text) => [...text].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  words(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  words(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  words(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, place) => view.setInt16(44 + place * 2, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return new Blob([view], { type: "audio/wav" });
}

class Microphone {
  pieces = [];
  #parts = {};

  static async open(module, onPiece, onLost) {
    if (!navigator.mediaDevices || !window.AudioWorkletNode) throw Object.assign(new Error(), { name: "InsecureError" });
    const microphone = new Microphone();
    const stream = await navigator.mediaDevices.getUserMedia({ audio: WANTED });
    const context = new AudioContext();
    microphone.#parts = { stream, context };
    try {
      await context.audioWorklet.addModule(module);
      const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
      new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(capture);
      microphone.#parts.capture = capture;
      capture.port.onmessage = ({ data }) => {
        if (data.samples.length) microphone.pieces.push(data.samples);
        if (data.flushed) microphone.flushed?.();
        else onPiece(data.samples);
      };
      for (const track of stream.getTracks()) track.addEventListener("ended", onLost);
      await context.resume();
    } catch (error) {
      microphone.#leave();
      throw error;
    }
    return microphone;
  }

  get seconds() {
    return this.pieces.reduce((sum, piece) => sum + piece.length, 0) / this.#parts.context.sampleRate;
  }

  async close() {
    const { capture, context } = this.#parts;
    await new Promise((resolve) => {
      this.flushed = resolve;
      capture.port.postMessage("flush");
      setTimeout(resolve, 300);
    });
    const rate = context.sampleRate;
    this.#leave();
    return resample(this.pieces, rate);
  }

  #leave() {
    for (const track of this.#parts.stream.getTracks()) track.stop();
    this.#parts.context.close();
  }
}

class Recorder {
  #form;
  #longest;
  #microphone = null;
  #take = null;
  #busy = false;

  constructor(form) {
    this.#form = form;
    this.#longest = Number(form.dataset.longest);
    form.hidden = false;
    this.#find("do", "record").addEventListener("click", () => this.#record());
    this.#find("do", "stop").addEventListener("click", () => this.#stop());
    form.addEventListener("submit", (event) => this.#save(event));
    window.addEventListener("beforeunload", (event) => {
      if (this.#take && !this.#busy) event.preventDefault();
    });
  }

  #find(kind, name) {
    return this.#form.querySelector(`[data-${kind}=${name}]`);
  }

  #show(words, trouble = "") {
    this.#find("show", "state").textContent = words;
    this.#find("show", "trouble").hidden = !trouble;
    this.#find("show", "trouble").replaceChildren(trouble);
  }

  #showRecording(isOn) {
    for (const [kind, name] of [["do", "stop"], ["show", "left"], ["show", "level"]]) this.#find(kind, name).hidden = !isOn;
    this.#find("do", "record").hidden = isOn;
    this.#find("show", "take").hidden = isOn || !this.#take;
    this.#find("show", "record").textContent = this.#take ? "Record again" : "Record";
    this.#form.classList.toggle("recording", isOn);
  }

  async #record() {
    if (this.#busy || this.#microphone) return;
    this.#busy = true;
    this.#find("show", "take").querySelector("audio").pause();
    this.#show("Asking for the microphone.");
    try {
      this.#microphone = await Microphone.open(this.#form.dataset.capture, (piece) => this.#hear(piece), () => this.#lose());
      this.#show("Recording. Speak now.");
      this.#find("show", "left").textContent = `${clock(this.#longest)} left`;
      this.#showRecording(true);
      this.#find("do", "stop").focus();
    } catch (error) {
      this.#show("", explain(error));
    }
    this.#busy = false;
  }

  #hear(piece) {
    if (!this.#microphone) return;
    const left = this.#longest - this.#microphone.seconds;
    this.#find("show", "level").querySelector("meter").value = loudness(piece);
    this.#find("show", "left").textContent = `${clock(left)} left`;
    if (left <= HURRY && !this.hurried) {
      this.hurried = true;
      this.#show(`Recording. ${HURRY} seconds are left.`);
    }
    // the end of a piece may be a moment late, and too long is refused
    if (left < 0.3) this.#stop(`That was ${clock(this.#longest)}, the longest there can be. Listen to it.`);
  }

  #lose() {
    this.#stop("The microphone was lost. What you said until then is here: listen to it, or record again.");
  }

  async #stop(words = "Listen to it. Nobody else hears it yet.") {
    const microphone = this.#microphone;
    if (!microphone) return;
    this.#microphone = null;
    this.hurried = false;
    const samples = (await microphone.close()).subarray(0, this.#longest * RATE);
    this.#take = wav(samples);
    const audio = this.#find("show", "take").querySelector("audio");
    URL.revokeObjectURL(audio.src);
    audio.src = URL.createObjectURL(this.#take);
    this.#showRecording(false);
    this.#show(typeof words === "string" ? words : "Listen to it. Nobody else hears it yet.");
    this.#find("do", "save").focus();
  }

  // Sent by a script, so that a network that fails leaves the recording where it is.
  async #save(event) {
    event.preventDefault();
    if (this.#busy || !this.#take) return;
    this.#busy = true;
    this.#find("do", "save").disabled = true;
    this.#show("Saving.");
    try {
      if (this.signedOut) await this.#renew();
      const body = new FormData(this.#form);
      body.set("file", this.#take, "recording.wav");
      const answer = await fetch(this.#form.action, { method: "POST", body });
      if (answer.redirected) {
        this.#take = null;
        location.assign(answer.url);
        return;
      }
      this.signedOut = answer.status === 401;
      if (this.signedOut) this.#show("", "You were signed out, so it was not saved. Your recording is still here: sign in in another tab, then press the button again.");
      else this.#refuse(await answer.text());
    } catch {
      this.#show("", "It could not be sent: the network did not answer. Your recording is still here. Try again.");
    }
    this.#busy = false;
    this.#find("do", "save").disabled = false;
  }

  // Who signed in anew has another token for forms.
  async #renew() {
    const answer = await fetch(location.pathname);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-recorder] [name=csrf_token]");
    if (fresh) this.#form.querySelector("[name=csrf_token]").value = fresh.value;
  }

  // The page that was answered says what is wrong; this one keeps the recording.
  #refuse(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const said = page.querySelector("[data-problem] .notice");
    const place = document.querySelector("[data-problem]");
    if (said) place.replaceChildren(document.adoptNode(said));
    const words = page.querySelector(".problem p:not(.code)")?.textContent ?? "Load the page again and try once more.";
    this.#show("", said ? "" : `It was not saved. ${words}`);
    if (said) place.focus();
  }
}

function speak(text, language) {
  speechSynthesis.cancel();
  const words = new SpeechSynthesisUtterance(text);
  words.lang = language === "es" ? "es-US" : "en-US";
  speechSynthesis.speak(words);
}

function offerVoice() {
  for (const part of document.querySelectorAll("[data-speaker], [data-speak-from]")) part.hidden = false;
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-speak], [data-speak-from]");
    if (!button) return;
    const from = button.dataset.speakFrom;
    speak(from ? document.getElementById(from).value : button.dataset.speak, button.dataset.language);
  });
}

function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
    });
  }
}

// A second click while the first is on its way would say the same again.
function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("once" in form.dataset)) return;
    if (form.dataset.once) event.preventDefault();
    form.dataset.once = "sent";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("[data-once]")) form.dataset.once = "";
  });
}

for (const form of document.querySelectorAll("[data-recorder]")) new Recorder(form);
if ("speechSynthesis" in window) offerVoice();
if (navigator.clipboard) offerCopies();
sendOnce();
