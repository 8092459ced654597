// Runs before anything is drawn, so that no page flashes in the other colours.
{
  let theme = null;
  try {
    theme = localStorage.getItem("afterword-theme");
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
}
