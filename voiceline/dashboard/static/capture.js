// Hands the microphone's sound over, as it comes, in pieces large enough to be few.

const PIECE = 4096;

class Capture extends AudioWorkletProcessor {
  #piece = new Float32Array(PIECE);
  #filled = 0;

  constructor() {
    super();
    // Asked to flush, it gives away what it has, however little.
    this.port.onmessage = () => this.#send(true);
  }

  process([[sound]]) {
    for (const sample of sound ?? []) {
      this.#piece[this.#filled] = sample;
      this.#filled += 1;
      if (this.#filled === PIECE) this.#send(false);
    }
    return true;
  }

  #send(flushed) {
    this.port.postMessage({ samples: this.#piece.slice(0, this.#filled), flushed });
    this.#filled = 0;
  }
}

registerProcessor("capture", Capture);
