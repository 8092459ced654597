// Rows that do not hold the words typed are hidden at once; Enter asks the server, which searches everything.
export function startFilter() {
  for (const input of document.querySelectorAll("[data-filter]")) {
    const rows = [...document.querySelectorAll(`${input.dataset.filter} > [data-row]`)];
    const none = document.querySelector("[data-none]");
    const words = rows.map((row) => row.textContent.toLowerCase());
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let left = 0;
      rows.forEach((row, at) => {
        row.hidden = !words[at].includes(wanted);
        left += row.hidden ? 0 : 1;
      });
      if (none) none.hidden = left > 0;
    });
  }
}
