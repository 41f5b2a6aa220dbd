// While the machine works: ask again, and show what changed without loading the page anew. Without it there is a link.
const PAUSE = 3000, main = document.querySelector("main");

async function again() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = page.title;
  main.replaceChildren(...page.querySelector("main").childNodes);
  if (main.querySelector("[data-waits]")) setTimeout(again, PAUSE);
}

if (main.querySelector("[data-waits]")) setTimeout(again, PAUSE);
