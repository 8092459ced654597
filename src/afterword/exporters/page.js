"use strict";
{
  const root = document.documentElement;
  const tools = document.querySelector(".tools");
  const keys = document.getElementById("keys");
  const quote = document.getElementById("quote");
  tools.hidden = false;

  const two = (n) => String(n).padStart(2, "0");
  const zoneOf = (date) => {
    const away = -date.getTimezoneOffset();
    return `${away < 0 ? "-" : "+"}${two(Math.floor(Math.abs(away) / 60))}:${two(Math.abs(away) % 60)}`;
  };
  /* The verified words stay as they are; the local time is an element beside them. */
  const localTimes = () => {
    for (const claim of document.querySelectorAll(".claim[data-time]")) {
      const said = claim.textContent;
      const date = new Date(said.replace(" UTC", "Z").replace(" ", "T"));
      const beside = document.createElement("span");
      const fraction = (said.match(/\.\d+/) || [""])[0];
      const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
      const parts = [`${day} `, `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`, `${fraction} ${zoneOf(date)}`];
      parts.forEach((part, n) => {
        const piece = document.createElement("span");
        piece.className = n === 1 ? "" : "day";
        piece.textContent = part;
        beside.append(piece);
      });
      beside.className = "local";
      beside.title = said;
      claim.after(beside);
    }
  };
  const times = () => {
    if (!document.querySelector(".local")) localTimes();
    const read = parts[Math.max(nearest(), 0)];
    const before = read?.getBoundingClientRect().top;
    const local = root.toggleAttribute("data-local");
    if (read) scrollBy(0, read.getBoundingClientRect().top - before);
    const button = tools.querySelector("[data-does=times]");
    button.setAttribute("aria-pressed", String(local));
    button.textContent = local ? "Local time" : "UTC";
  };
  const theme = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };
  const help = () => (keys.open ? keys.close() : keys.showModal());
  const does = { times, theme, help };
  tools.addEventListener("click", (event) => does[event.target.dataset.does]?.());

  const parts = [...document.querySelectorAll("section.part")];
  const nearest = () => {
    const passed = parts.filter((part) => part.getBoundingClientRect().top < 120);
    return parts.indexOf(passed.at(-1));
  };
  const step = (by) => {
    const part = parts[Math.min(Math.max(nearest() + by, 0), parts.length - 1)];
    part.scrollIntoView();
    history.replaceState(null, "", `#${part.id}`);
  };
  const onKey = {
    j: () => step(1),
    k: () => step(-1),
    t: times,
    d: theme,
    g: () => scrollTo(0, 0),
    "?": help,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    onKey[event.key]?.();
  });

  /* A citation opens its line in its place; without this script it is a link to the list at the end. */
  const show = (link) => {
    const line = document.querySelector(link.getAttribute("href"));
    if (!line || !quote.showPopover) return false;
    quote.querySelector(".by").textContent = link.textContent;
    quote.querySelector("pre").textContent = line.querySelector("pre").textContent;
    quote.querySelector(".more").setAttribute("href", link.getAttribute("href"));
    quote.showPopover();
    const box = link.getBoundingClientRect();
    const own = quote.getBoundingClientRect();
    const below = box.bottom + own.height + 12 < innerHeight;
    quote.style.left = `${Math.max(8, Math.min(box.left, innerWidth - own.width - 8))}px`;
    quote.style.top = `${below ? box.bottom + 6 : Math.max(8, box.top - own.height - 6)}px`;
    return true;
  };
  addEventListener("click", (event) => {
    const link = event.target.closest(".cite a");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && show(link)) event.preventDefault();
  });
  quote.querySelector(".more").addEventListener("click", () => quote.hidePopover());

  /* The contents show where the reader is; on a narrow screen they start closed. */
  const entries = new Map([...document.querySelectorAll(".toc a")].map((a) => [a.getAttribute("href").slice(1), a]));
  const mark = () => {
    const now = parts[Math.max(nearest(), 0)]?.id;
    entries.forEach((a, id) => a.toggleAttribute("aria-current", id === now));
  };
  addEventListener("scroll", mark, { passive: true });
  mark();
  if (matchMedia("(max-width: 70rem)").matches) document.querySelector(".toc details").open = false;
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
}
