// Draws the charts of a page with uPlot, from the numbers that the server put beside its own drawing. Without this file the
// server's drawing and its table stay.
"use strict";
(() => {
  if (!window.uPlot) return;
  // How lengths of time read comes with the numbers, in the page's language.
  const filled = (text, n) => text.replace("{n}", n);
  const span = (words) => (s) => s < 60 ? filled(words.s, Math.round(s)) : s < 3600 ? filled(words.min, Math.round(s / 60)) : s < 172800 ? filled(words.h, +(s / 3600).toFixed(1)) : filled(words.d, +(s / 86400).toFixed(1));
  const step = (words) => (s) => (words.scale.find(([at]) => at === s) || [s, ""])[1];
  const count = (n) => n >= 10000 ? n.toLocaleString(document.documentElement.lang || "en") : `${+n.toFixed(1)}`;
  const whole = [1, 2, 5].flatMap((n) => [...Array(12).keys()].map((e) => n * 10 ** e)).sort((a, b) => a - b);
  const names = ["--accent", "--good", "--violet", "--warm", "--bad", "--soft"];
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const faint = (hex) => hex.length === 7 ? hex + "2e" : hex;
  const made = [];

  function draw(figure) {
    const data = JSON.parse(figure.dataset.chart);
    if (!data.at.length) return;
    const reads = data.unit === "seconds" ? span(data.reads) : count;
    const soft = colour("--soft"), line = colour("--line");
    const many = data.series.filter((s) => s.look === "bars").length;
    let bar = -1;
    const series = data.series.map((s, n) => {
      const stroke = colour(names[n % names.length]);
      const one = { label: s.name, stroke, width: 2, spanGaps: true, value: (_, v, __, idx) => idx == null || v == null ? "–" : reads(s.values[idx]), points: { show: true, size: 6 } };
      if (s.look === "band" || s.look === "edge") Object.assign(one, { stroke: soft, width: 1, dash: [4, 3], points: { show: false } });
      if (s.look === "dots") Object.assign(one, { stroke: soft, width: 0, paths: () => null, points: { show: true, size: 6, fill: soft, stroke: soft } });
      if (s.look === "bars") {
        bar += 1;
        const align = many > 1 ? (bar === 0 ? -1 : 1) : 0;
        Object.assign(one, { fill: faint(stroke), width: 1, points: { show: false }, paths: uPlot.paths.bars({ size: [0.8 / Math.max(1, many), 28], align }) });
      }
      return one;
    });
    const bands = data.series.flatMap((s, n) => s.look === "band" && n > 0 ? [{ series: [n + 1, n], fill: faint(colour("--accent")) }] : []);
    const marks = (plot) => {
      const { ctx, bbox } = plot;
      ctx.save();
      ctx.strokeStyle = colour("--violet");
      ctx.setLineDash([3, 3]);
      ctx.fillStyle = soft;
      ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
      ctx.textAlign = "center";
      for (const [at, , letter] of data.marks) {
        const x = Math.round(plot.valToPos(at, "x", true));
        if (x < bbox.left || x > bbox.left + bbox.width) continue;
        ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke();
        ctx.fillText(letter, x, bbox.top - 4 * devicePixelRatio);
      }
      ctx.restore();
    };
    const place = document.createElement("div");
    place.className = "live";
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", data.says);
    const wide = () => Math.max(240, Math.min(figure.clientWidth, 880));
    const happened = (idx) => idx == null ? "" : data.marks.filter(([at]) => nearest(at) === idx).map(([, what]) => what).join(" · ");
    const nearest = (at) => data.at.reduce((best, t, n) => Math.abs(t - at) < Math.abs(data.at[best] - at) ? n : best, 0);
    const said = document.createElement("p");
    said.className = "soft happened";
    const edge = data.at.length > 1 ? (data.at[data.at.length - 1] - data.at[0]) / (data.at.length - 1) / 2 : 1296000;
    // What takes from minutes to months is told on a scale of minute, hour, day, month, year, as the server draws it.
    const timed = data.unit === "seconds";
    const values = data.series.map((s) => timed ? s.values.map((v) => v == null ? v : Math.max(v, 60)) : s.values);
    const longest = Math.max(3600, ...values.flat().filter((v) => v != null));
    const steps = [60, 3600, 86400, 604800, 2592000, 31536000].filter((s) => s <= longest * 1.2);
    // Months stand under their own bars.
    const monthly = data.named.every((name) => name.length === 7);
    const every = Math.ceil(data.at.length / Math.max(1, Math.floor(wide() / 90)));
    const splits = monthly ? { splits: () => data.at.filter((_, n) => n % every === 0) } : {};
    const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, monthly ? 7 : 10);
    const options = {
      width: wide(), height: 220, padding: [18, 34, 0, 0], series: [{ label: data.time, value: (_, v, __, idx) => idx == null ? "–" : data.named[idx] }, ...series], bands,
      scales: { x: { time: true, range: (_, low, high) => [low - edge, high + edge] }, y: timed ? { distr: 3, range: () => [60, longest * 1.2] } : { range: (_, __, high) => [0, high > 0 ? high * 1.05 : 1] } },
      axes: [
        { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line }, space: 84, values: (_, all) => all.map(day), ...splits },
        { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line }, size: 58, ...(timed ? { splits: () => steps, filter: (_, all) => all } : { incrs: whole }), values: (_, all) => all.map(timed ? step(data.reads) : reads) },
      ],
      cursor: { drag: { x: false, y: false } },
      legend: { live: true },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      hooks: { draw: [marks], setCursor: [(plot) => { said.textContent = happened(plot.cursor.idx); }] },
    };
    const plot = new uPlot(options, [data.at, ...values], place);
    place.append(said);
    figure.insertBefore(place, figure.querySelector("details"));
    figure.classList.add("lives");
    made.push({ figure, plot, place, wide });
  }
  const all = () => document.querySelectorAll("figure[data-chart]").forEach(draw);
  all();
  let width = innerWidth;
  window.addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    for (const one of made) one.plot.setSize({ width: one.wide(), height: 220 });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const one of made.splice(0)) { one.plot.destroy(); one.place.remove(); }
    all();
  });
})();
