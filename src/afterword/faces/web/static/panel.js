// A citation opens the very line beside the text. Without this script the same link opens it on its own page.
export function startPanel() {
  const panel = document.getElementById("panel");
  let opener = null;

  const close = () => {
    if (!panel || panel.hidden) return false;
    panel.hidden = true;
    panel.replaceChildren();
    document.body.classList.remove("with-panel");
    opener?.focus();
    opener = null;
    return true;
  };

  const closer = () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "close";
    button.textContent = "Close";
    button.addEventListener("click", close);
    return button;
  };

  const open = async (link) => {
    const url = new URL(link.href);
    url.searchParams.set("fragment", "1");
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    // Parsed apart from this page: nothing in it runs, and only what the server escaped is taken over.
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = parsed.querySelector(".passage") ?? parsed.querySelector("main") ?? parsed.body;
    if (!panel.contains(link)) opener = link;
    panel.replaceChildren(closer(), document.importNode(found, true));
    panel.hidden = false;
    document.body.classList.add("with-panel");
    panel.focus({ preventScroll: true });
    panel.querySelector(".cited")?.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.cite");
    if (!panel || !link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(link).catch(() => location.assign(link.href));
  });
  return { close };
}
