// Logs in at the provider as a person does: a page that wants a login, the link, the provider's own form, and back. What is
// seen on the way is printed as JSON. `node login.mjs CHROMIUM MODULES BASE SUBJECT`
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [chromium, modules, base, subject] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: flags });
const page = await browser.newPage();
await page.setViewport({ width: 390, height: 844 });
const seen = { axe: [] };
await page.goto(base + "/topics", { waitUntil: "load" });
seen.asked = page.url();
for (const scheme of ["light", "dark"]) {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  const client = await page.createCDPSession();
  await client.send("Runtime.evaluate", { expression: axe });
  const run = "axe.run(document, { iframes: false }).then((r) => JSON.stringify([r.violations.map((v) => v.id)," +
    " document.documentElement.scrollWidth]))";
  const judged = await client.send("Runtime.evaluate", { expression: run, awaitPromise: true });
  if (judged.exceptionDetails) throw new Error(JSON.stringify(judged.exceptionDetails));
  const [wrong, width] = JSON.parse(judged.result.value);
  seen.axe.push(...wrong);
  seen.width = Math.max(seen.width ?? 0, width);
}
// From here on without scripts.
await page.setJavaScriptEnabled(false);
await page.goto(base + "/topics", { waitUntil: "load" });
if (process.env.SHOT) await page.screenshot({ path: process.env.SHOT });
await Promise.all([page.waitForNavigation(), page.click("a[href^='/login/leave']")]);
seen.provider = new URL(page.url()).host;
await page.type("input[name=sub]", subject);
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
seen.arrived = page.url();
seen.who = await page.$eval("footer form p", (p) => p.textContent).catch(() => null);
seen.fault = await page.$eval("p.fault", (p) => p.textContent).catch(() => null);
seen.cookies = (await page.cookies(base)).map((c) => [c.name, c.httpOnly, c.sameSite]);
console.log(JSON.stringify(seen));
await browser.close();
