// A page that is left open shows what changes, without being loaded again. `node live.mjs CHROMIUM MODULES BASE MARK`
// Prints "listening" when the pages are open, then waits until both show the mark.
import { createRequire } from "node:module";
import { join } from "node:path";

const [chromium, modules, base, mark] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const puppeteer = require("puppeteer-core");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: flags });
const seen = {};
// A page in the background does not listen: each has a window of its own.
const open = async (path) => {
  const page = await (await browser.createBrowserContext()).newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  const listening = page.waitForRequest((request) => request.url().endsWith("/live"), { timeout: 15000 });
  await page.goto(base + path, { waitUntil: "networkidle0" });
  await page.evaluate(() => { window.sameLoad = true; });
  await page.bringToFront();
  await listening;
  return { page, errors };
};
const today = await open("/");
const sources = await open("/sources");
const before = await today.page.$eval("h1", (head) => head.textContent);
console.log("listening");
const shows = (page, text) => page.waitForFunction((text) => document.body.textContent.includes(text), { timeout: 45000, polling: 100 }, text);
await today.page.bringToFront();
await shows(today.page, mark);
await sources.page.bringToFront();
await shows(sources.page, "activities:helpdesk");
seen.today = { before, after: await today.page.$eval("h1", (head) => head.textContent), same: await today.page.evaluate(() => window.sameLoad === true), errors: today.errors };
seen.sources = { same: await sources.page.evaluate(() => window.sameLoad === true), errors: sources.errors };
console.log(JSON.stringify(seen));
await browser.close();
