// Light or dark: the system's choice until a person makes one.
import { remember } from "./store.js";

export function startTheme() {
  const root = document.documentElement;
  const toggle = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remember("theme", root.dataset.theme);
  };
  document.querySelector("[data-theme-toggle]")?.addEventListener("click", toggle);
  return toggle;
}
