// Works on one thread: a link into the draft, a passage as evidence, with scripts and without. `node thread.mjs CHROMIUM MODULES BASE PATH FEEDBACK`
import { createRequire } from "node:module";
import { join } from "node:path";

const [chromium, modules, base, path, feedback] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const puppeteer = require("puppeteer-core");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: flags });
const page = await browser.newPage();
const left = [], posted = [];
page.on("request", (request) => {
  if (!request.url().startsWith(base) && !request.url().startsWith("data:")) left.push(request.url());
  if (request.method() === "POST") posted.push(new URL(request.url()).pathname);
});
await page.goto(base + path, { waitUntil: "load" });
await page.waitForSelector(".likes button[name=url]", { timeout: 20000 });
const whys = await page.$$eval("#reply .likes li > .soft", (all) => all.map((one) => one.textContent));
await page.type("#draft", "Hello, see here:");
const url = await page.$eval(".likes button[name=url]", (button) => button.value);
await page.click(".likes button[name=url]");
await page.waitForFunction((url) => document.getElementById("draft").value.includes(url), { timeout: 20000 }, url);
const draft = await page.$eval("#draft", (area) => area.value);
// Words that are selected in a message are the words of the form.
const selected = await page.evaluate(() => {
  const walk = document.createTreeWalker(document.querySelector(".said .text"), NodeFilter.SHOW_TEXT);
  let node = walk.nextNode();
  while (node.textContent.trim().length < 20) node = walk.nextNode();
  const range = document.createRange();
  range.selectNodeContents(node);
  document.getSelection().removeAllRanges();
  document.getSelection().addRange(range);
  return node.textContent.trim();
});
await page.waitForFunction((text) => document.getElementById("words").value === text, { timeout: 10000 }, selected);
await page.select("#to", feedback);
await Promise.all([page.waitForNavigation(), page.click("#mark button")]);
const marked = await page.$$eval("aside > .likes > li", (all) => all.map((one) => one.textContent));
// 390 wide: nothing reaches over the edge.
await page.setViewport({ width: 390, height: 800 });
const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
// Without scripts the same forms do it.
const plain = await browser.newPage();
await plain.setJavaScriptEnabled(false);
await plain.goto(base + path);
const press = async (selector) => {
  const button = await plain.$(selector);
  await Promise.all([plain.waitForNavigation(), button.evaluate((one) => one.click())]);
};
await (await plain.$("#draft")).evaluate((area) => { area.value = "By hand"; });
await press("#reply > button");
await press(".likes button[name=url]");
const unscripted = await plain.$eval("#draft", (area) => area.value);
await (await plain.$("#message")).evaluate((choice) => { choice.value = "1"; });
await press("#mark button");
const twice = await plain.$$eval("aside > .likes > li", (all) => all.length);
await press("aside > .likes > li:last-child button");
const once = await plain.$$eval("aside > .likes > li", (all) => all.length);
await (await plain.$(".correct select")).evaluate((choice) => { choice.value = "docs"; });
await press(".correct form button");
const kind = await plain.$eval(".verdict .kind", (one) => one.textContent);
console.log(JSON.stringify({ whys, url, draft, selected, marked, over, unscripted, twice, once, kind, left, posted }));
await browser.close();
