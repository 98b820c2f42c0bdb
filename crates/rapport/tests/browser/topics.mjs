// Says things about topics by form alone, without scripts. `node topics.mjs CHROMIUM MODULES BASE TOPIC`
import { createRequire } from "node:module";
import { join } from "node:path";

const [chromium, modules, base, topic] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const puppeteer = require("puppeteer-core");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: flags });
const page = await browser.newPage();
await page.setJavaScriptEnabled(false);
await page.setViewport({ width: 390, height: 800 });
const open = () => page.goto(`${base}/topics/${topic}`);
const set = async (selector, value) =>
  (await page.$(selector)).evaluate((field, value) => { if (field.type === "checkbox") field.checked = true; else field.value = value; }, value);
const press = async (selector) => {
  const button = await page.$(selector);
  await Promise.all([page.waitForNavigation(), button.evaluate((one) => one.click())]);
};
const threads = () => page.$$eval("#threads + ul > li > a[href^='/thread/']", (all) => all.map((one) => one.textContent));
await open();
const drawn = await page.$eval("svg.timeline", (svg) => svg.getAttribute("aria-label"));
const events = await page.$$eval("svg.timeline .event", (all) => all.length);
const people = await page.$$eval("svg.timeline .people", (all) => all.map((one) => Number(one.getAttribute("height"))));
const rows = await page.$$eval("section table tbody tr", (all) => all.map((row) => Number(row.children[1].textContent)));
await set("form[action$=rename] input[name=name]", "Its own name");
await press("form[action$=rename] button");
const named = await page.$eval("h1", (head) => head.textContent);
const before = await threads();
await press("#threads + ul > li:last-child button");
const after = await threads();
await set("#threads + ul > li:nth-child(1) input[type=checkbox]");
await set("#threads + ul > li:nth-child(2) input[type=checkbox]");
await set("#split input[name=name]", "Split away");
await press("#split button");
const split = await threads();
const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
await page.goto(`${base}/topics`);
const listed = await page.$$eval("tbody a", (all) => all.map((one) => one.textContent));
await set("#name", "Declared here");
await set("#words", "webhook, signature");
await press("form[action$=declare] button");
const said = await page.$$eval("details .members li", (all) => all.length);
await open();
const into = await page.$eval("select[name=into] option", (option) => option.value);
await press("form[action$=merge] button");
const merged = await page.$$eval("tbody a[href^='/topics/']", (all) => all.map((one) => one.getAttribute("href")));
console.log(JSON.stringify({ drawn, events, people, rows, named, before, after, split, over, listed, said, into, merged }));
await browser.close();
