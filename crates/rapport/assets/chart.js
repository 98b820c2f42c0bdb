// Charts: the drawing that came with the page gives way to one that says its numbers under the pointer. The table stays.
"use strict";
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const dashes = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
  const day = (text) => Date.parse(text + "T00:00:00Z") / 1000;
  const date = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
  function shown(unit, value) {
    if (value === null || value === undefined) return "–";
    if (unit !== "seconds") return value.toLocaleString(document.documentElement.lang);
    const [d, h, m] = [Math.floor(value / 86400), Math.floor(value / 3600) % 24, Math.floor(value / 60) % 60];
    if (d >= 7) return `${d} d`;
    if (d > 0) return h ? `${d} d ${h} h` : `${d} d`;
    return h ? (h < 6 && m ? `${h} h ${m} min` : `${h} h`) : `${m} min`;
  }
  const open = [];
  function draw(figure) {
    const told = JSON.parse(figure.dataset.plot);
    const colours = ["--accent", "--violet", "--good", "--warm"].map(colour);
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    const before = figure.querySelector("svg");
    const width = Math.min(figure.clientWidth, 740);
    const plot = new uPlot({
      width, height: 230, cursor: { y: false }, legend: { live: true },
      scales: { x: { time: true }, y: { range: (_, low, high) => [0, Math.max(high * 1.05, 1)] } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      axes: [axis, { ...axis, size: 72, values: (_, ticks) => ticks.map((tick) => shown(told.unit, tick)) }],
      series: [{ label: "from", value: (_, at) => (at === null ? "–" : date(at)) }].concat(told.lines.map((line, n) => ({
        label: line.name, stroke: colours[n % 4], width: 2, dash: dashes[n % 4], spanGaps: false,
        points: { show: told.at.length < 60, size: 5 }, value: (_, value) => shown(told.unit, value),
      }))),
    }, [told.at.map(day), ...told.lines.map((line) => line.values)]);
    plot.root.setAttribute("role", "img");
    plot.root.setAttribute("aria-label", told.says);
    plot.ctx.canvas.setAttribute("aria-hidden", "true");
    figure.classList.add("live");
    if (before) before.replaceWith(plot.root); else figure.append(plot.root);
    open.push([figure, plot]);
  }
  document.querySelectorAll("figure[data-plot]").forEach(draw);
  window.addEventListener("resize", () => {
    for (const [figure, plot] of open) plot.setSize({ width: Math.min(figure.clientWidth, 740), height: 230 });
  });
  // Another look, other colours.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const [figure, plot] of open.splice(0)) { plot.destroy(); draw(figure); }
  });
})();
