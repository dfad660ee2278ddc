// A form with data-passkey asks the browser for a key before it is sent.
// data-passkey: "get" or "create"; data-challenge: where the challenge comes from.

const toBytes = (text) => {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
};

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const readable = (options) => {
  const named = (list) => (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));
  const read = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: toBytes(options.user.id) };
  if (options.allowCredentials) read.allowCredentials = named(options.allowCredentials);
  if (options.excludeCredentials) read.excludeCredentials = named(options.excludeCredentials);
  return read;
};

const written = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
};

const ask = async (form) => {
  const answer = await fetch(form.dataset.challenge, { method: "POST", body: new FormData(form) });
  if (answer.redirected) {
    // who must prove first that they are there is led to the page for that
    window.location.assign(answer.url);
    return null;
  }
  if (!answer.ok) throw new Error(String(answer.status));
  const publicKey = readable(await answer.json());
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey })
    : navigator.credentials.get({ publicKey });
};

const WORDS = {
  NotAllowedError: "No passkey was used: you closed the window, or it took too long. Try again when you are ready.",
  InvalidStateError: "This device has a passkey for your account already.",
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  const said = form.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    said.textContent = "Your browser asks for your passkey.";
    try {
      const credential = await ask(form);
      if (!credential) return;
      form.elements.answer.value = written(credential);
      form.submit();
    } catch (error) {
      said.textContent = WORDS[error.name] || "We could not ask for your passkey. Load the page anew and try again.";
      button.disabled = false;
    }
  });
}
