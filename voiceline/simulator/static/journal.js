// Writes the call down for people: one line an event, documents folded away.

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function bubble(text, aside) {
  const made = element("span", "bubble", text);
  if (aside) made.append(element("span", "aside", aside));
  return made;
}

function seconds(value) {
  return `${Number(value).toFixed(1)} s`;
}

// Answers XML as indented lines: [depth, tag or null, text].
function* lines(node, depth = 0) {
  const attributes = [...node.attributes].map(({ name, value }) => ` ${name}="${value}"`).join("");
  const children = [...node.childNodes].filter((child) => child.nodeType === 1 || child.textContent.trim());
  if (!children.length) {
    yield [depth, `<${node.nodeName}${attributes}/>`, null];
  } else if (children.every((child) => child.nodeType !== 1)) {
    yield [depth, `<${node.nodeName}${attributes}>`, node.textContent.trim(), `</${node.nodeName}>`];
  } else {
    yield [depth, `<${node.nodeName}${attributes}>`, null];
    for (const child of children) {
      if (child.nodeType === 1) yield* lines(child, depth + 1);
      else yield [depth + 1, "", child.textContent.trim()];
    }
    yield [depth, `</${node.nodeName}>`, null];
  }
}

function pretty(twiml) {
  const parsed = new DOMParser().parseFromString(twiml, "application/xml");
  const shown = element("pre");
  if (parsed.querySelector("parsererror")) {
    shown.textContent = twiml;
    return shown;
  }
  for (const [depth, open, text, close] of lines(parsed.documentElement)) {
    shown.append("  ".repeat(depth));
    if (open) shown.append(element("span", "tag", open));
    if (text) shown.append(text);
    if (close) shown.append(element("span", "tag", close));
    shown.append("\n");
  }
  return shown;
}

function request(detail) {
  const status = detail.status ?? detail.problem;
  const attempt = detail.attempt > 1 ? `, attempt ${detail.attempt}` : "";
  const line = `${detail.method} ${detail.url} → ${status}, ${detail.ms} ms${attempt}`;
  if (detail.twiml === undefined) return element("span", "request-line", line);
  return element("details", "", element("summary", "", line), pretty(detail.twiml));
}

function wantedKeys(detail) {
  const count = detail.num_digits ? `up to ${detail.num_digits} keys` : "keys";
  const end = detail.finish_on_key ? `, ${detail.finish_on_key} ends` : "";
  return `Waiting for ${count}${end}, ${detail.timeout} s`;
}

const OUTCOMES = {
  completed: "The line ended the call",
  caller_hung_up: "You hung up",
  rejected: "The call was rejected",
  busy: "The line was busy",
  no_such_number: "This number is not connected",
  carrier_error_message: "You heard the carrier's error message",
  cut_off: "The carrier cut the call off",
  simulator_failed: "The simulator itself failed",
};

// kind -> [class of the line, what it says]; a kind that is missing is not shown.
const WORDS = {
  ringing: (d) => ["mark", `Calling ${d.number} from ${d.caller}`],
  request: (d) => ["wire", request(d)],
  status: (d) => (d.status === "in-progress" ? ["", element("span", "aside", "The line answered")] : null),
  say: (d) => ["said", bubble(`“${d.text}”`, [d.language, d.voice, seconds(d.seconds)].filter(Boolean).join(" · "))],
  play: (d) => ["said", bubble(d.tones ? `Tones ${d.tones}` : "♪ Recorded greeting", d.tones ? "" : seconds(d.seconds))],
  pause: (d) => ["", element("span", "aside", `Pause, ${seconds(d.seconds)}`)],
  gather: (d) => ["", element("span", "aside", wantedKeys(d))],
  keys: (d) => (d.digits || d.finished_on ? ["keys", bubble(`${d.digits}${d.finished_on}`)] : ["", element("span", "aside", "No key came")]),
  beep: () => ["", element("strong", "", "Beep")],
  recording: (d) => ["", element("span", "aside", `Recording, at most ${d.max_length} s${d.finish_on_key ? `, ${d.finish_on_key.length > 6 ? "any key" : d.finish_on_key} ends` : ""}`)],
  recorded: (d) => ["voice-taken", bubble(d.status === "absent" ? "Nothing was recorded" : `Your message, ${seconds(d.seconds)}`, `ended by ${d.ended_by}`)],
  reject: (d) => ["wrong", bubble(`Rejected (${d.reason})`)],
  error: (d) => ["wrong", bubble(`Carrier error ${d.message}`, d.url)],
  ended: (d) => ["mark", `${OUTCOMES[d.outcome] ?? d.outcome} after ${seconds(d.seconds)}`],
};

export class Journal {
  #frame;
  #list;
  #empty;

  // The frame scrolls and holds the list; `empty` stands there while there is nothing to show.
  constructor(frame, empty) {
    this.#frame = frame;
    this.#list = frame.querySelector("ol");
    this.#empty = empty;
  }

  write(event) {
    if (event.kind === "ringing") this.#frame.scrollTop = this.#frame.scrollHeight;
    const words = WORDS[event.kind]?.(event.detail);
    if (!words) return;
    const [className, what] = words;
    const time = element("time", "", seconds(event.second));
    this.#add(element("li", className, time, element("div", "what", what)));
  }

  note(text) {
    this.#add(element("li", "", element("time", ""), element("div", "what aside", text)));
  }

  clear() {
    this.#list.replaceChildren();
    this.#show(false);
  }

  #show(hasLines) {
    this.#frame.hidden = !hasLines;
    this.#empty.hidden = hasLines;
  }

  #add(item) {
    this.#show(true);
    const frame = this.#frame;
    // Whoever has scrolled back to read is left alone.
    const atEnd = frame.scrollHeight - frame.scrollTop - frame.clientHeight < 60;
    this.#list.append(item);
    if (atEnd) frame.scrollTop = frame.scrollHeight;
  }
}
