/** What the reference page does by itself: find, open, copy. Plain JavaScript, for browsers. */
export const referenceScript = `"use strict";
const routes = [...document.querySelectorAll(".route")];
const sections = [...document.querySelectorAll("section")];
const links = [...document.querySelectorAll("nav a")];
const input = document.querySelector("#find");
const found = document.querySelector(".found");
const nothing = document.querySelector(".nothing");

function find() {
  const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let count = 0;
  for (const route of routes) {
    route.hidden = !words.every((word) => route.dataset.find.includes(word));
    if (!route.hidden) count += 1;
  }
  for (const section of sections) section.hidden = !section.querySelector(".route:not([hidden])");
  for (const link of links) link.parentElement.hidden = document.getElementById(link.hash.slice(1)).hidden;
  for (const list of document.querySelectorAll("nav ul"))
    list.hidden = list.previousElementSibling.hidden = !list.querySelector("li:not([hidden])");
  nothing.hidden = count > 0;
  nothing.querySelector("q").textContent = input.value.trim();
  found.textContent = words.length === 0 ? "" : count + " of " + routes.length + " routes";
  const address = new URL(location.href);
  if (words.length === 0) address.searchParams.delete("find");
  else address.searchParams.set("find", input.value.trim());
  history.replaceState(null, "", address);
}

function openNamed() {
  const route = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!(route instanceof HTMLDetailsElement)) return;
  if (route.hidden) clear();
  route.open = true;
  route.scrollIntoView();
  route.querySelector("summary").focus({ preventScroll: true });
}

function clear() {
  input.value = "";
  find();
}

async function copy(button) {
  const code = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    // Without https there is no clipboard: what is selected can be copied by hand.
    getSelection().selectAllChildren(code);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

document.querySelector(".find").hidden = false;
for (const origin of document.querySelectorAll(".origin"))
  origin.textContent = origin.textContent.startsWith("ws") ? location.origin.replace(/^http/, "ws") : location.origin;
for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
for (const route of routes)
  route.addEventListener("toggle", () => {
    if (route.open) history.replaceState(null, "", "#" + route.id);
  });
input.addEventListener("input", find);
input.addEventListener("keydown", (event) => {
  const first = routes.find((route) => !route.hidden);
  if (event.key === "Escape" && input.value !== "") { event.preventDefault(); clear(); }
  if (event.key === "Enter" && first) { first.open = true; first.querySelector("summary").focus(); }
});
document.querySelector(".clear").addEventListener("click", () => { clear(); input.focus(); });
document.addEventListener("keydown", (event) => {
  if (event.target === input || event.altKey) return;
  if (event.key === "/" || (event.key === "k" && (event.metaKey || event.ctrlKey))) {
    event.preventDefault();
    input.focus();
    input.select();
  }
});
addEventListener("hashchange", openNamed);
input.value = new URL(location.href).searchParams.get("find") ?? "";
if (input.value !== "") find();
openNamed();
`;
