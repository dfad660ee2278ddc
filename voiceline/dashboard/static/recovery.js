// Copy, keep or print the recovery codes; without scripts they can be selected and written down.

const list = document.querySelector("[data-codes]");
const text = () => [...list.querySelectorAll("li")].map((item) => item.textContent.trim()).join("\n");
const said = document.querySelector("[data-codes-said]");

const acts = {
  copy: async () => {
    await navigator.clipboard.writeText(text());
    said.textContent = "Copied.";
  },
  print: () => window.print(),
  download: () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`Recovery codes of Voiceline\n\n${text()}\n`], { type: "text/plain" }));
    link.download = "voiceline-recovery-codes.txt";
    link.click();
    URL.revokeObjectURL(link.href);
    said.textContent = "The file is in your downloads. Keep it where only you find it.";
  },
};

for (const button of document.querySelectorAll("[data-codes-act]")) {
  button.hidden = false;
  button.addEventListener("click", () =>
    Promise.resolve(acts[button.dataset.codesAct]()).catch(() => {
      said.textContent = "Your browser did not allow that: select the codes and copy them.";
    }),
  );
}
