// Turns the microphone's sound into telephone sound: filtered, 8,000 samples a second, 16 bits.

const RATE = 8000;
const PIECE = RATE / 5; // samples in a message: a fifth of a second
const REACH = 24; // length of the filter, in samples of the telephone

function lowPass(rate) {
  const half = Math.ceil((REACH * rate) / RATE / 2);
  const cut = Math.min(1, (0.94 * RATE) / rate);
  return Float32Array.from({ length: 2 * half + 1 }, (_, place) => {
    const at = (place - half) * cut;
    const sinc = at === 0 ? 1 : Math.sin(Math.PI * at) / (Math.PI * at);
    return cut * sinc * (0.54 + 0.46 * Math.cos((Math.PI * (place - half)) / half));
  });
}

class Capture extends AudioWorkletProcessor {
  #kernel = lowPass(sampleRate);
  #step = sampleRate / RATE;
  #held = new Float32Array(0); // sound that the filter still needs
  #next = 0; // where in `held` the next telephone sample begins
  #piece = new Int16Array(PIECE);
  #filled = 0;

  constructor() {
    super();
    // Asked to flush, it gives away what it has, however little.
    this.port.onmessage = () => this.#send(true);
  }

  process([[sound]]) {
    if (!sound) return true;
    const joined = new Float32Array(this.#held.length + sound.length);
    joined.set(this.#held);
    joined.set(sound, this.#held.length);
    const last = joined.length - this.#kernel.length - 1;
    while (this.#next <= last) {
      this.#add(this.#sampleAt(joined, this.#next));
      this.#next += this.#step;
    }
    const done = Math.min(Math.floor(this.#next), joined.length);
    this.#held = joined.slice(done);
    this.#next -= done;
    return true;
  }

  #sampleAt(sound, at) {
    const whole = Math.floor(at);
    const part = at - whole;
    let here = 0;
    let after = 0;
    for (let place = 0; place < this.#kernel.length; place += 1) {
      here += this.#kernel[place] * sound[whole + place];
      after += this.#kernel[place] * sound[whole + place + 1];
    }
    return here + part * (after - here);
  }

  #add(sample) {
    this.#piece[this.#filled] = Math.max(-1, Math.min(1, sample)) * 32767;
    this.#filled += 1;
    if (this.#filled === PIECE) this.#send(false);
  }

  #send(flushed) {
    this.port.postMessage({ samples: this.#piece.slice(0, this.#filled), flushed });
    this.#filled = 0;
  }
}

registerProcessor("capture", Capture);
