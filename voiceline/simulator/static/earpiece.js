// What the person hears: prompts one after the other, the beep, and the tones of their own keys.

const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = "123456789*0#";
const BEEP = 1000;

export class Earpiece {
  #context;
  #queue = Promise.resolve();
  #turn = 0;
  #playing = null;

  // Must be called from a click: browsers give no sound before one.
  open() {
    this.#context ??= new AudioContext();
    this.#context.resume();
    return this.#context;
  }

  // Plays the sound at the address once everything before it has ended.
  play(address) {
    this.#enqueue(async (turn) => {
      const answer = await fetch(address);
      const sound = await this.#context.decodeAudioData(await answer.arrayBuffer());
      if (turn === this.#turn) await this.#play(sound);
    });
  }

  // Lets the browser speak: for servers that have no voice of their own.
  speak(text, language) {
    this.#enqueue((turn) => {
      if (!("speechSynthesis" in window) || turn !== this.#turn) return undefined;
      const words = new SpeechSynthesisUtterance(text);
      words.lang = language;
      return new Promise((resolve) => {
        words.onend = words.onerror = resolve;
        speechSynthesis.speak(words);
      });
    });
  }

  beep(seconds) {
    this.#enqueue((turn) => (turn === this.#turn ? this.#tone([BEEP], seconds, 0.2) : undefined));
  }

  // The two tones of a telephone key, at once.
  key(name) {
    const place = KEYS.indexOf(name);
    this.#tone([ROWS[Math.floor(place / 3)], COLUMNS[place % 3]], 0.12, 0.08);
  }

  // Ends what is playing and forgets what was to come.
  hush() {
    this.#turn += 1;
    this.#playing?.stop();
    this.#playing = null;
    if ("speechSynthesis" in window) speechSynthesis.cancel();
  }

  #enqueue(make) {
    const turn = this.#turn;
    this.#queue = this.#queue.then(() => (turn === this.#turn ? make(turn) : undefined)).catch(() => {});
  }

  #play(sound) {
    const source = new AudioBufferSourceNode(this.#context, { buffer: sound });
    source.connect(this.#context.destination);
    this.#playing = source;
    return new Promise((resolve) => {
      source.onended = resolve;
      source.start();
    });
  }

  #tone(frequencies, seconds, loudness) {
    const context = this.#context;
    if (!context) return undefined;
    const gain = new GainNode(context, { gain: loudness });
    gain.connect(context.destination);
    const until = context.currentTime + seconds;
    gain.gain.setValueAtTime(loudness, until - 0.02);
    gain.gain.linearRampToValueAtTime(0, until);
    const voices = frequencies.map((frequency) => new OscillatorNode(context, { frequency }));
    for (const voice of voices) {
      voice.connect(gain);
      voice.start();
      voice.stop(until);
    }
    return new Promise((resolve) => {
      voices[0].onended = resolve;
    });
  }
}
