// What a page's charts are with scripts and without. `node charts.mjs CHROMIUM MODULES BASE PATH...`
import { createRequire } from "node:module";
import { join } from "node:path";

const [chromium, modules, base, ...paths] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const puppeteer = require("puppeteer-core");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: flags });
const seen = () => [...document.querySelectorAll("figure.plot")].map((figure) => {
  const shown = (one) => Boolean(one && one.getClientRects().length);
  return {
    drawn: shown(figure.querySelector("svg.drawn")), live: shown(figure.querySelector("canvas")),
    rows: figure.querySelectorAll("details tbody tr").length,
    inside: figure.querySelector("canvas") ? figure.querySelector("canvas").getBoundingClientRect().right <= innerWidth : true,
  };
});
for (const path of paths) {
  const found = { path, foreign: [], errors: [], weight: 0, library: 0 };
  for (const scripts of [true, false]) {
    const page = await browser.newPage();
    await page.setJavaScriptEnabled(scripts);
    await page.setViewport({ width: 390, height: 844 });
    page.on("request", (request) => { if (!request.url().startsWith(base) && !request.url().startsWith("data:")) found.foreign.push(request.url()); });
    page.on("console", (message) => { if (message.type() === "error") found.errors.push(message.text()); });
    page.on("pageerror", (error) => found.errors.push(String(error)));
    const waiting = [];
    if (scripts) page.on("response", (response) => {
      if (response.url().startsWith("data:")) return;
      waiting.push(response.buffer().then((bytes) => { found[response.url().includes("uPlot") ? "library" : "weight"] += bytes.length; }, () => 0));
    });
    await page.goto(base + path, { waitUntil: "load" });
    await Promise.all(waiting);
    found[scripts ? "scripted" : "plain"] = await page.evaluate(seen);
    if (scripts) {
      // The legend says what is under the pointer.
      const over = await page.$("figure .u-over");
      if (over) {
        await over.scrollIntoView();
        const box = await over.boundingBox();
        await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
        found.legend = await page.$eval("figure .u-legend", (legend) => legend.textContent);
      }
    }
    await page.close();
  }
  console.log(JSON.stringify(found));
}
await browser.close();
