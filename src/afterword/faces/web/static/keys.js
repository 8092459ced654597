// One hand on the keyboard. Nothing here is the only way to do something.
const PAGES = { i: "/", a: "/actions", t: "/trends", j: "/journal" };

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);

function move(step) {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.classList.contains("is-now"));
  const next = all[Math.min(all.length - 1, Math.max(0, now < 0 ? (step > 0 ? 0 : all.length - 1) : now + step))];
  all[now]?.classList.remove("is-now");
  next.classList.add("is-now");
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const here = () => document.querySelector("[data-row].is-now");

export function startKeys({ toggleTheme, toggleZone, panel }) {
  const help = document.getElementById("help");
  let prefix = -Infinity;
  document.querySelector("[data-help]")?.addEventListener("click", () => help?.showModal());

  const does = {
    "?": () => help?.showModal(),
    "/": () => document.querySelector("[data-search]")?.focus(),
    j: () => move(1),
    k: () => move(-1),
    d: toggleTheme,
    u: toggleZone,
    e: () => here()?.querySelector("a.cite")?.click(),
    Enter: () => here()?.querySelector("a:not(.cite)")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (typing(event.target)) event.target.blur();
      else panel.close();
      return;
    }
    if (typing(event.target) || help?.open) return;
    if (event.key === "Enter" && event.target !== here()) return;
    const after = performance.now() - prefix < 1200;
    prefix = event.key === "g" ? performance.now() : -Infinity;
    if (after && PAGES[event.key]) {
      location.assign(PAGES[event.key]);
    } else if (/^[1-6]$/.test(event.key)) {
      document.querySelector(`[data-tab="${event.key}"]`)?.click();
    } else if (does[event.key]) {
      event.preventDefault();
      does[event.key]();
    }
  });
}
