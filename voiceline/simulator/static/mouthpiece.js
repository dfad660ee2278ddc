// Where the person's voice comes from: the microphone, or a sound file spoken in real time.

const RATE = 8000;
const PIECE = RATE / 5;
const WANTED = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true };

export function explain(error) {
  const why = {
    NotAllowedError:
      "The browser does not let this page use the microphone. Allow it beside the address, or speak a sound file.",
    NotFoundError: "There is no microphone here. You can speak a sound file instead.",
    NotReadableError: "Another program holds the microphone. Close it, or speak a sound file.",
    InsecureError: "Browsers give the microphone to https and localhost only. You can speak a sound file instead.",
    EncodingError: "The browser cannot read this sound file. WAV and MP3 work everywhere.",
    NoFileError: "No sound file is chosen: the line will be silent.",
  };
  return why[error.name] ?? `The microphone failed: ${error.message}`;
}

function named(name) {
  return Object.assign(new Error(name), { name });
}

// Both sources have: start(onSamples), flush() and close().
export async function openMicrophone(context) {
  if (!navigator.mediaDevices) throw named("InsecureError");
  const stream = await navigator.mediaDevices.getUserMedia({ audio: WANTED });
  await context.audioWorklet.addModule("/static/capture-worklet.js");
  const source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
  let onSamples = null;
  let onFlushed = null;
  capture.port.onmessage = ({ data }) => {
    if (data.samples.length) onSamples?.(data.samples);
    if (data.flushed) onFlushed?.();
  };
  source.connect(capture);
  return {
    start(take) {
      // What was said before the beep belongs to nobody.
      onSamples = null;
      capture.port.postMessage("flush");
      onFlushed = () => {
        onFlushed = null;
        onSamples = take;
      };
    },
    flush() {
      return new Promise((resolve) => {
        onFlushed = resolve;
        capture.port.postMessage("flush");
        setTimeout(resolve, 300);
      });
    },
    close() {
      onSamples = null;
      source.disconnect();
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

export async function openFile(context, file) {
  if (!file) throw named("NoFileError");
  const decoded = await context.decodeAudioData(await file.arrayBuffer());
  const frames = Math.max(1, Math.ceil(decoded.duration * RATE));
  const offline = new OfflineAudioContext(1, frames, RATE);
  const source = new AudioBufferSourceNode(offline, { buffer: decoded });
  source.connect(offline.destination);
  source.start();
  const sound = (await offline.startRendering()).getChannelData(0);
  const samples = Int16Array.from(sound, (value) => Math.max(-1, Math.min(1, value)) * 32767);
  let timer = null;
  return {
    start(take) {
      const began = performance.now();
      let sent = 0;
      clearInterval(timer);
      timer = setInterval(() => {
        const due = Math.min(samples.length, ((performance.now() - began) / 1000) * RATE);
        while (sent < due && (due - sent >= PIECE || due === samples.length)) {
          take(samples.slice(sent, sent + PIECE));
          sent += PIECE;
        }
        if (sent >= samples.length) clearInterval(timer);
      }, 100);
    },
    async flush() {},
    close() {
      clearInterval(timer);
    },
  };
}

export function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const root = Math.sqrt(sum / Math.max(1, samples.length)) / 32768;
  // Ears count in decibels: -60 dB is nothing, 0 dB is full.
  return root > 0 ? Math.max(0, 1 + (20 * Math.log10(root)) / 60) : 0;
}
