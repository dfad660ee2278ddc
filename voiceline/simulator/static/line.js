// One call: its events arrive by long polling, keys and voice leave in the order they were made.

const AGAIN_AFTER = 500; // milliseconds after a question that failed
const MOST_FAILURES = 10;

async function post(path, body) {
  const isVoice = body instanceof Uint8Array;
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": isVoice ? "application/octet-stream" : "application/json" },
    body: isVoice ? body : JSON.stringify(body),
  });
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    throw new Error(told.error || `The carrier answered ${answer.status}.`);
  }
  return answer.status === 204 ? null : answer.json();
}

export class Line {
  static async call(to, from, onEvent, onLost) {
    const { id } = await post("/softphone/calls", { to, from });
    const line = new Line(id, onEvent);
    line.#listen().catch(onLost);
    return line;
  }

  #path;
  #onEvent;
  #over = false;
  #piece = 0;
  #sending = Promise.resolve();

  constructor(id, onEvent) {
    this.#path = `/softphone/calls/${id}`;
    this.#onEvent = onEvent;
  }

  clip(number) {
    return `${this.#path}/clips/${number}`;
  }

  // Answers whether anybody was waiting for a key.
  press(key) {
    return this.#inOrder(() => post(`${this.#path}/keys`, { key })).then((told) => told.heard);
  }

  // Takes 16-bit samples at 8 kHz.
  speak(samples) {
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    const piece = this.#piece++;
    return this.#inOrder(() => post(`${this.#path}/voice?piece=${piece}`, bytes));
  }

  hangUp() {
    return this.#inOrder(() => post(`${this.#path}/hangup`, {}));
  }

  // For a page that is being closed: leaves without waiting for anything.
  leave() {
    if (this.#over) return;
    navigator.sendBeacon(`${this.#path}/hangup`, new Blob(["{}"], { type: "application/json" }));
  }

  #inOrder(send) {
    const sent = this.#sending.then(() => send());
    this.#sending = sent.catch(() => {});
    return sent;
  }

  async #listen() {
    let after = 0;
    let failures = 0;
    while (!this.#over) {
      try {
        const answer = await fetch(`${this.#path}/events?after=${after}`);
        if (!answer.ok) throw new Error(`The carrier answered ${answer.status}.`);
        const { events } = await answer.json();
        failures = 0;
        after += events.length;
        for (const event of events) {
          if (event.kind === "ended") this.#over = true;
          this.#onEvent(event);
        }
      } catch (error) {
        failures += 1;
        if (failures > MOST_FAILURES) {
          this.#over = true;
          throw error;
        }
        await new Promise((resume) => setTimeout(resume, AGAIN_AFTER));
      }
    }
  }
}
