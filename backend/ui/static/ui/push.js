// Asks the browser to take messages on this device, when the person wants that; without it everything else works.
const box = document.getElementById("push");
const status = box.querySelector("[role=status]");
const say = (what) => { status.textContent = status.dataset[what]; };

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
    say(answer.ok ? "done" : "later");
  } catch {
    say("never");
  }
}

if (box && "serviceWorker" in navigator && "PushManager" in window) {
  box.hidden = false;
  box.querySelector("button").addEventListener("click", subscribe);
}
