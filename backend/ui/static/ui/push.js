// Asks the browser to take messages on this device, when the person wants that; without it everything else works.
const box = document.getElementById("push");
const say = (text) => { box.querySelector("[role=status]").textContent = text; };

async function subscribe() {
  try {
    const worker = await navigator.serviceWorker.register("/sw.js");
    await navigator.serviceWorker.ready;
    const found = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: box.dataset.key });
    const device = { platform: "web", token: JSON.stringify(found), language: document.documentElement.lang };
    const answer = await fetch("/api/v1/devices", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": box.dataset.token },
      body: JSON.stringify(device),
    });
    say(answer.ok ? "Gelukt. Je krijgt hier berichten." : "Dat lukte niet. Probeer het straks nog eens.");
  } catch {
    say("Dat lukte niet op dit toestel. Kies een andere manier.");
  }
}

if (box && "serviceWorker" in navigator && "PushManager" in window) {
  box.hidden = false;
  box.querySelector("button").addEventListener("click", subscribe);
}
