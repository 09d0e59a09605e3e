// Sorts and filters the table of runs. Without it the table stands as it is: worst runs first.
function answer(table, filter) {
  const rows = [...table.tBodies[0].rows];
  const words = new Intl.Collator(undefined, { numeric: true });

  function sort(heading) {
    const down = heading.ariaSort === "ascending";
    for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
    heading.ariaSort = down ? "descending" : "ascending";
    const value = (row) => row.cells[heading.cellIndex].dataset.value;
    const missing = (row) => value(row) === undefined;
    const compare = (a, b) => value(a) - value(b) || words.compare(value(a), value(b));
    // Runs without a value stand last, whichever way the others are sorted.
    const order = (a, b) => missing(a) - missing(b) || (down ? compare(b, a) : compare(a, b));
    table.tBodies[0].append(...[...rows].sort(order));
  }
  for (const button of table.tHead.querySelectorAll("button")) {
    button.hidden = false;
    button.addEventListener("click", () => sort(button.closest("th")));
  }

  filter.hidden = false;
  filter.addEventListener("input", ({ target }) => {
    const wanted = target.value.toLowerCase().split(/\s+/);
    const matches = (text) => wanted.every((word) => text.includes(word));
    for (const row of rows) row.hidden = !matches(row.textContent.toLowerCase());
    const shown = rows.filter((row) => !row.hidden).length;
    const said = shown === rows.length ? "" : `${shown} of ${rows.length}`;
    filter.querySelector("output").textContent = said;
  });
}
answer(document.querySelector("table.runs"), document.querySelector(".filter"));
