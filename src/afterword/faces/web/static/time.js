// Times stand in UTC; the title of each says it in the zone of the reader, and one button turns all of them.
import { recall, remember } from "./store.js";

const two = (n) => String(n).padStart(2, "0");
const day = (d) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
const clock = (d) => `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;

function offset(d) {
  const minutes = -d.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "−" : "+"}${two(Math.trunc(size / 60))}:${two(size % 60)}`;
}

export function startTimes(root = document) {
  mark(root);
  const button = document.querySelector("[data-zones]");
  const show = (local) => {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const words = local ? time.dataset.local : time.dataset.utc;
      if (words) time.textContent = words;
      const zone = time.nextElementSibling;
      if (zone?.matches("[data-zone-of]")) zone.textContent = local ? offset(new Date(time.dateTime)) : "UTC";
    }
    if (!button) return;
    button.textContent = local ? "local" : "UTC";
    button.setAttribute("aria-pressed", String(local));
  };
  let local = recall("zone") === "local";
  if (local) show(local);
  const toggle = () => {
    local = !local;
    remember("zone", local ? "local" : "utc");
    show(local);
  };
  button?.addEventListener("click", toggle);
  return toggle;
}

function mark(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    time.dataset.utc = time.textContent;
    time.dataset.local = time.hasAttribute("data-brief") ? clock(at) : `${day(at)} ${clock(at)}`;
    const source = time.dataset.zone && time.dataset.zone !== "+00:00" ? `; the source wrote ${time.dataset.zone}` : "";
    time.title = `${time.dateTime} is ${day(at)} ${clock(at)} ${offset(at)} for you${source}`;
  }
}
