// Works through the people who wait with the keyboard alone, then without scripts. `node triage.mjs CHROMIUM MODULES BASE`
import { createRequire } from "node:module";
import { join } from "node:path";

const [chromium, modules, base] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const puppeteer = require("puppeteer-core");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: flags });
const page = await browser.newPage();
await page.goto(base + "/", { waitUntil: "networkidle0" });
const cards = () => page.$$eval(".card", (all) => all.map((card) => ({
  title: card.querySelector("h2").textContent, claimed: !!card.querySelector(".claimed"),
})));
const before = await cards();
await page.keyboard.press("j");
await page.keyboard.press("c");
await page.waitForSelector(".claimed", { timeout: 30000 });
const claimed = await cards();
await page.waitForSelector(".card.on .claimed", { timeout: 30000 });
await page.keyboard.press("j");
await page.keyboard.press("s");
await page.waitForFunction((n) => document.querySelectorAll(".card").length < n, { timeout: 30000 }, before.length);
const snoozed = await cards();
await page.waitForSelector(".card.on", { timeout: 30000 });
// Each act says what it was, and z takes it back; the list that comes anew meanwhile leaves that alone.
const said = () => page.$eval("#did", (line) => line.textContent.replace(/\s+/g, " ").trim());
const chosen = () => page.waitForSelector(".card.on", { timeout: 30000 });
const undo = async (n) => {
  await page.keyboard.press("z");
  await page.waitForFunction((n) => !document.querySelector("[data-undo]") && document.querySelector(".card.on") && document.querySelectorAll(".card").length === n, { timeout: 30000 }, n);
};
const told = [await said()];
await undo(before.length);
const woken = await cards();
await page.keyboard.press("m");
await page.waitForFunction((n) => document.querySelectorAll(".card").length < n, { timeout: 30000 }, before.length);
await page.waitForSelector("[data-undo]");
await page.evaluate(() => document.body.dispatchEvent(new Event("rapport-changed")));
await new Promise((done) => setTimeout(done, 1000));
told.push(await said());
await undo(before.length);
const unmet = await cards();
await page.keyboard.press("e");
await page.waitForSelector("form.did[action$='/evidence']", { timeout: 30000 });
told.push(await said());
await undo(before.length);
await page.keyboard.press("e");
await page.waitForSelector("form.did[action$='/evidence']", { timeout: 30000 });
await chosen();
await page.keyboard.press("s");
await page.waitForFunction((n) => document.querySelectorAll(".card").length < n, { timeout: 30000 }, before.length);
await page.waitForSelector(".card.on", { timeout: 30000 });
await page.keyboard.press("?");
const help = await page.$eval("#keys", (dialog) => dialog.open);
const keys = await page.$$eval("#keys dt", (all) => all.map((key) => key.textContent));
await page.keyboard.press("Escape");
await page.keyboard.press("k");
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
const opened = await page.$eval("h1", (head) => head.textContent);
// A reader without scripts sees the same and can act.
const plain = await browser.newPage();
await plain.setJavaScriptEnabled(false);
await plain.goto(base + "/");
const unscripted = await plain.$$eval(".card h2", (all) => all.map((head) => head.textContent));
const give = await plain.$(".card form.acts button");
await Promise.all([plain.waitForNavigation(), give.click()]);
const given = await plain.$$eval(".claimed", (all) => all.length);
await Promise.all([plain.waitForNavigation(), plain.click(".card form.acts button[data-key=m]")]);
const plainly = { told: await plain.$eval("#did", (line) => line.textContent.replace(/\s+/g, " ").trim()), left: (await plain.$$(".card")).length };
await Promise.all([plain.waitForNavigation(), plain.click("[data-undo]")]);
plainly.back = (await plain.$$(".card")).length;
console.log(JSON.stringify({ before, claimed, snoozed, help, keys, told, woken, unmet, opened, unscripted, given, plainly }));
await browser.close();
