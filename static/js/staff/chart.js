// Draws columns of a table as a chart above it. The table stays, one press away, and is what screen readers are led to.
const HEIGHT = 200;
const COLOURS = ["--color-accent", "--color-notice"];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function read(table, names) {
  const heads = [...table.tHead.rows[0].cells];
  const places = names.map((name) => heads.findIndex((head) => head.dataset.column === name));
  const rows = [...table.tBodies[0].rows];
  const seconds = rows.map((row) => Date.parse(row.querySelector("time").dateTime) / 1000);
  const number = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value));
  return {
    labels: places.map((place) => heads[place].textContent),
    data: [seconds, ...places.map((place) => rows.map((row) => number(row.cells[place])))],
  };
}

function options(figure, labels, width) {
  const { uPlot } = window;
  const isBars = figure.dataset.kind === "bars";
  const unit = figure.dataset.unit ? ` ${figure.dataset.unit}` : "";
  const day = (at) => new Date(at * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const axis = { stroke: colour("--color-ink-soft"), grid: { stroke: colour("--color-line"), width: 1 }, ticks: { show: false } };
  const series = labels.map((label, place) => ({
    label,
    stroke: colour(COLOURS[place]),
    fill: isBars ? colour(COLOURS[place]) : undefined,
    width: isBars ? 0 : 2,
    dash: place ? [6, 4] : undefined,
    spanGaps: true,
    points: { show: !isBars },
    paths: isBars ? uPlot.paths.bars({ size: [0.7, 48] }) : undefined,
    value: (_, value) => (value === null ? "–" : `${value.toLocaleString("en")}${unit}`),
  }));
  return {
    width,
    height: HEIGHT,
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: true, range: (_, low, high) => [low - 4 * 86400, high + 4 * 86400] }, y: { range: (_, low, high) => [0, Math.max(high, 4) * 1.1] } },
    axes: [{ ...axis, values: (_, splits) => splits.map(day) }, { ...axis, size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000] }],
    series: [{ label: "Week from", value: (_, at) => (at === null ? "–" : day(at)) }, ...series],
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "UTC"),
  };
}

export default function chart(figure) {
  const table = document.getElementById(figure.dataset.table);
  const { labels, data } = read(table, figure.dataset.columns.split(" "));
  const place = document.createElement("div");
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", `${figure.querySelector("figcaption").textContent}, as a chart; the table below holds the numbers.`);
  figure.append(place);
  table.closest("details").open = false;
  let drawn;
  const draw = () => {
    drawn?.destroy();
    drawn = new window.uPlot(options(figure, labels, place.clientWidth), data, place);
  };
  draw();
  new ResizeObserver(() => drawn.setSize({ width: place.clientWidth, height: HEIGHT })).observe(figure);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
