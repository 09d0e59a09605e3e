// Shows the values of a chart where the pointer is, or where the arrow keys have moved to.
// Without it every chart stands as it is, with its description.
(() => {
  const source = document.getElementById("values");
  const { series, plots } = source ? JSON.parse(source.textContent) : { plots: {} };
  const between = (low, value, high) => Math.min(Math.max(value, low), high);
  const nearest = (steps, to) =>
    steps.reduce((best, s, i) => (Math.abs(s - to) < Math.abs(steps[best] - to) ? i : best), 0);
  const plain = (value) =>
    value.toLocaleString("en", { maximumFractionDigits: 9 }).replaceAll(",", "\u202f");
  const number = (value) => {
    if (value === null) return "not finite";
    const [mantissa, power] = value.toExponential().split("e");
    if (power >= -4 && power < 6) return plain(value).replace("-", "−");
    const raised = [...power].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)] ?? "").join("");
    return `${mantissa.replace("-", "−")}×10${raised}`;
  };
  const said = (line, place, step, axis) => {
    const [middle, low, high] = [line.middle, line.low, line.high].map((i) => series[i]?.[place]);
    const range = low === high ? [] : [`${number(low)} to ${number(high)}`];
    const value = middle === undefined ? range[0] ?? number(low) : number(middle);
    const around = middle === undefined || !range.length ? "" : ` (${range})`;
    // A series that was logged at other steps says at which of its own.
    const own = series[line.steps][place];
    return `${line.name} ${value}${around}${own === step ? "" : ` at ${axis} ${plain(own)}`}`;
  };
  const height = ([top, size, low, high, log], value) => {
    if (low === undefined) return top + size / 2;
    const on = log ? Math.log : Number;
    return top + (size * (on(high) - on(between(low, value, high)))) / (on(high) - on(low));
  };
  const read = (figure, { x: [left, width, first, last], axis, map, lines }) => {
    const steps = [...new Set(lines.flatMap((line) => series[line.steps]))].sort((a, b) => a - b);
    if (!steps.length) return;
    const svg = figure.querySelector("svg");
    const mark = svg.appendChild(document.createElementNS(svg.namespaceURI, "path"));
    const slider = figure.appendChild(document.createElement("input"));
    const box = figure.appendChild(document.createElement("p"));
    Object.assign(slider, { type: "range", max: steps.length - 1, value: 0 });
    const title = figure.querySelector("figcaption").textContent;
    slider.setAttribute("aria-label", `Values by ${axis}: ${title}`);
    box.setAttribute("aria-hidden", true);
    box.className = "values";
    mark.setAttribute("class", "pointed");
    const edges = lines.flatMap(({ y }) => [y[0], y[0] + y[1]]);
    let row = 0;
    const hide = () => {
      box.hidden = true;
      mark.setAttribute("d", "");
    };
    const show = () => {
      const step = steps[slider.value];
      const x = left + ((step - first) / (last - first)) * width;
      const texts = [`${axis} ${plain(step)}`];
      let path = `M${x} ${Math.min(...edges)}V${Math.max(...edges)}`;
      for (const line of map ? [lines[row]] : lines.filter((one) => series[one.steps].length)) {
        const place = nearest(series[line.steps], step);
        const value = series[line.middle]?.[place];
        texts.push(said(line, place, step, axis));
        if (Number.isFinite(value) && series[line.steps][place] === step)
          path += `M${x - 2} ${height(line.y, value)}a2 2 0 1 0 4 0a2 2 0 1 0-4 0`;
      }
      mark.setAttribute("d", path);
      slider.setAttribute("aria-valuetext", texts.join(", "));
      box.textContent = texts.join("\n");
      box.hidden = false;
      const [page, picture] = [figure, svg].map((element) => element.getBoundingClientRect());
      const at = picture.left - page.left + (x / svg.viewBox.baseVal.width) * picture.width;
      const wanted = at > page.width / 2 ? at - box.offsetWidth - 8 : at + 8;
      box.style.left = `${between(0, wanted, page.width - box.offsetWidth)}px`;
      box.style.top = `${picture.top - page.top}px`;
    };
    const point = ({ clientX, clientY }) => {
      const at = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
      slider.value = nearest(steps, first + ((at.x - left) / width) * (last - first));
      row = between(0, Math.floor((at.y - lines[0].y[0]) / lines[0].y[1]), lines.length - 1);
      show();
    };
    svg.addEventListener("pointerdown", point);
    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && hide());
    slider.addEventListener("input", show);
    slider.addEventListener("focus", show);
    slider.addEventListener("blur", hide);
    slider.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!map || !by) return;
      event.preventDefault();
      row = between(0, row + by, lines.length - 1);
      show();
    });
    document.addEventListener("pointerdown", ({ target }) => svg.contains(target) || hide());
    document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
    hide();
  };
  for (const figure of document.querySelectorAll("figure[data-chart]"))
    if (figure.dataset.chart in plots) read(figure, plots[figure.dataset.chart]);
})();
