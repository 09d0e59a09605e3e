// Shows the values of a chart where the pointer is, or where the arrow keys have moved to.
// Without it every chart stands as it is, with its description.
const { series, plots } = JSON.parse(document.getElementById("values").textContent);
const box = document.querySelector(".values");
const mark = document.createElementNS("http://www.w3.org/2000/svg", "path");
mark.setAttribute("class", "pointed");

const nearest = (steps, to) =>
  steps.reduce((best, s, i) => (Math.abs(s - to) < Math.abs(steps[best] - to) ? i : best), 0);
const plain = (value) =>
  value.toLocaleString("en", { maximumFractionDigits: 9 }).replaceAll(",", "\u202f");
function number(value) {
  if (!Number.isFinite(value)) return "not finite";
  const [mantissa, power] = value.toExponential().replace("e+", "e").split("e");
  const raised = power.replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
  const isPlain = power >= -4 && power < 6;
  return (isPlain ? plain(value) : `${mantissa}×10${raised}`).replace("-", "−");
}
function valueOf(middle, low, high) {
  if (low === high) return number(middle ?? low);
  const range = `${number(low)} to ${number(high)}`;
  return middle === undefined ? range : `${number(middle)} (${range})`;
}
function height([top, size, low, high, log], value) {
  const on = log ? Math.log : Number;
  const share = low === undefined ? 0.5 : (on(high) - on(value)) / (on(high) - on(low));
  return top + size * Math.min(Math.max(share, 0), 1);
}
function hide() {
  box.hidden = true;
  mark.remove();
}

function answerAt(svg, slider, { x: [left, width, first, last], y: [top, bottom], ...plot }) {
  const steps = series[plot.steps];
  let row = 0;

  function show() {
    const step = steps[slider.value];
    const x = left + ((step - first) / (last - first)) * width;
    const texts = [`${plot.axis} ${plain(Math.round(step))}`];
    let path = `M${x} ${top}V${bottom}`;
    for (const line of plot.map ? [plot.lines[row]] : plot.lines) {
      const place = nearest(series[line.steps], step);
      const own = series[line.steps][place];
      const elsewhere = own === step ? "" : ` at ${plot.axis} ${plain(Math.round(own))}`;
      const [middle, low, high] = line.values.map((key) => series[key]?.[place]);
      texts.push(`${line.name} ${valueOf(middle, low, high)}${elsewhere}`);
      if (Number.isFinite(middle) && own === step)
        path += `M${x - 2} ${height(line.y, middle)}a2 2 0 1 0 4 0a2 2 0 1 0-4 0`;
    }
    mark.setAttribute("d", path);
    svg.append(mark);
    slider.setAttribute("aria-valuetext", texts.join(", "));
    box.textContent = texts.join("\n");
    const share = (100 * x) / svg.viewBox.baseVal.width;
    box.style.left = share > 50 ? "auto" : `calc(${share}% + 8px)`;
    box.style.right = share > 50 ? `calc(${100 - share}% + 8px)` : "auto";
    box.hidden = false;
    svg.after(box);
  }
  function point({ clientX, clientY }) {
    const at = new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
    slider.value = nearest(steps, first + ((at.x - left) / width) * (last - first));
    row = Math.max(0, plot.lines.findLastIndex(({ y }) => y[0] <= at.y));
    show();
  }
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && hide());
  slider.addEventListener("input", show);
  slider.addEventListener("focus", show);
  slider.addEventListener("blur", hide);
  slider.addEventListener("keydown", (event) => {
    const by = plot.map && { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    if (plot.lines[row + by]) row += by;
    show();
  });
  slider.hidden = false;
}
for (const figure of document.querySelectorAll("[data-chart]")) {
  const [svg, slider] = ["svg", "input"].map((name) => figure.querySelector(name));
  answerAt(svg, slider, plots[figure.dataset.chart]);
}
document.addEventListener("pointerdown", ({ target }) => target.closest("[data-chart] svg") || hide());
document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
