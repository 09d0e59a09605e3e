// Sorts and filters the table of runs. Without it the table stands as it is: worst runs first.
(() => {
  const table = document.querySelector("table.runs");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim();
  };
  // Runs without a value stand last, whichever way the others are sorted.
  const missing = (value) => value === "–" || Number.isNaN(value);
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), undefined, { numeric: true });
  };

  const sort = (heading, column) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keyed = rows.map((row, place) => ({ row, place, value: valueOf(row, column) }));
    keyed.sort((a, b) => {
      const last = missing(a.value) - missing(b.value);
      if (last) return last;
      return (down ? -1 : 1) * compare(a.value, b.value) || a.place - b.place;
    });
    body.append(...keyed.map(({ row }) => row));
  };

  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    if (heading.dataset.sort === "no") return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading, column));
    heading.append(button);
  });

  const field = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  field.className = "filter";
  input.type = "search";
  field.append("Show runs with ", input, " ", count);
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = shown === rows.length ? "" : `${shown} of ${rows.length}`;
  });
  table.closest(".scroll").before(field);
})();
