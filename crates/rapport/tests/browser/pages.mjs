// Opens pages in a real browser. What it found is printed as JSON, one object per page: what axe says, what a script
// wanted, what was asked of other hosts, how far it goes beyond 390 px (and what does), and errors. `node pages.mjs CHROMIUM MODULES BASE SHOTS PATH...`
import { createRequire } from "node:module";
import { readFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const [chromium, modules, base, shots, ...paths] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars"];
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: flags });
if (shots !== "-") mkdirSync(shots, { recursive: true });
for (const path of paths) {
  // Threads all look alike: their colours are judged once.
  for (const scheme of path.startsWith("/thread/") && path !== "/thread/1" ? ["light"] : ["light", "dark"]) {
    const page = await browser.newPage();
    const found = { path, scheme, status: 0, axe: [], narrow: [], foreign: [], dialogs: [], errors: [], weight: 0 };
    await page.setViewport({ width: 1200, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(base) && !url.startsWith("data:")) found.foreign.push(url);
    });
    page.on("response", async (response) => {
      if (!response.url().startsWith("data:")) found.weight += (await response.buffer().catch(() => "")).length;
    });
    page.on("dialog", (dialog) => { found.dialogs.push(dialog.message()); dialog.dismiss(); });
    page.on("pageerror", (error) => found.errors.push(String(error)));
    page.on("console", (message) => { if (message.type() === "error") found.errors.push(message.text()); });
    const response = await page.goto(base + path, { waitUntil: "load" });
    found.status = response.status();
    // The page's own policy lets no script in but its files: axe comes in through the debugger, as an evaluated text.
    const client = await page.createCDPSession();
    await client.send("Runtime.evaluate", { expression: axe });
    const run = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], iframes: false })" +
      ".then((r) => JSON.stringify(r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).slice(0, 3).join(' | '))))";
    const judge = async () => {
      const judged = await client.send("Runtime.evaluate", { expression: run, awaitPromise: true });
      if (judged.exceptionDetails) found.errors.push("axe: " + JSON.stringify(judged.exceptionDetails));
      else return JSON.parse(judged.result.value);
      return [];
    };
    found.axe = await judge();
    const name = path.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "") || "today";
    if (shots !== "-") await page.screenshot({ path: join(shots, `${name}-${scheme}.png`) });
    // On a telephone nothing is to be pushed sideways, and axe has to agree there, too. Once is enough.
    if (scheme === "light") {
      await page.setViewport({ width: 390, height: 844 });
      // Charts are drawn anew when the page hears of its width, which is before the next frame.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      found.narrow = await page.evaluate(() => {
        const wide = document.documentElement.scrollWidth;
        if (wide <= innerWidth && innerWidth === 390) return [];
        const over = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > 390);
        return [`${wide} of ${innerWidth}`, ...over.slice(0, 3).map((e) => e.outerHTML.slice(0, 120))];
      });
      found.narrow.push(...await judge());
      if (shots !== "-") await page.screenshot({ path: join(shots, `${name}-390.png`) });
    }
    console.log(JSON.stringify(found));
    await page.close();
  }
}
await browser.close();
