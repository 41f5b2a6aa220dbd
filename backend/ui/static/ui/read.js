// Reads a page aloud where the device has a voice for its language. Without one the button stays away.
const button = document.querySelector("[data-read]");
const speech = window.speechSynthesis;
const language = document.documentElement.lang;
const wanted = language === "nl" ? "nl-BE" : language;
const tag = (voice) => voice.lang.replace("_", "-");
const voice = () => {
  const known = speech.getVoices().filter((one) => tag(one).split("-")[0] === language);
  return known.find((one) => tag(one) === wanted) || known[0];
};
const show = () => { button.parentElement.hidden = !voice(); };

function say() {
  if (speech.speaking) { speech.cancel(); return; }
  const parts = [...document.querySelectorAll("main h1, main [data-aloud]")];
  const text = parts.filter((one) => !one.parentElement.closest("[data-aloud]")).map((one) => one.innerText).join("\n");
  const words = new SpeechSynthesisUtterance(text);
  words.voice = voice();
  words.lang = words.voice.lang; // Android says nothing without it
  words.rate = 0.9;
  speech.speak(words);
}

if (speech) {
  show();
  speech.addEventListener?.("voiceschanged", show); // the list comes late
  addEventListener("pagehide", () => speech.cancel());
  button.addEventListener("click", say);
}
