// Walks through the desk as a person would, by what is written on it. Says as JSON what each walk met. `node walk.mjs CHROMIUM MODULES BASE SHOTS WALK...`
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [chromium, modules, base, shots, ...walks] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const puppeteer = require("puppeteer-core");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars"];
const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: flags });
const page = await browser.newPage();
await page.setViewport({ width: 1200, height: 900 });
const errors = [], foreign = [];
page.on("pageerror", (error) => errors.push(String(error)));
page.on("request", (request) => {
  if (!request.url().startsWith(base) && !/^(data|blob):/.test(request.url())) foreign.push(request.url());
});
if (shots !== "-") mkdirSync(shots, { recursive: true });

const go = (path) => page.goto(base + path, { waitUntil: "load" });
const texts = (selector) => page.$$eval(selector, (all) => all.map((one) => one.textContent.replace(/\s+/g, " ").trim()));
const text = async (selector) => (await texts(selector))[0] ?? null;
const shot = (name) => (shots === "-" ? null : page.screenshot({ path: join(shots, `${name}.png`), fullPage: true }));
// A link or button by what it says, the first that can be seen; `within` narrows where.
const find = async (kind, says, within = "body") => {
  const handle = await page.evaluateHandle((kind, says, within) =>
    [...document.querySelectorAll(`${within} ${kind}`)].find((one) =>
      one.textContent.replace(/\s+/g, " ").trim().startsWith(says) && one.getClientRects().length > 0), kind, says, within);
  if (!handle.asElement()) throw new Error(`${page.url()}: no ${kind} says "${says}"`);
  return handle.asElement();
};
const follow = async (says, within) => {
  const link = await find("a", says, within);
  await Promise.all([page.waitForNavigation(), link.click()]);
};
const press = async (says, within) => {
  const button = await find("button", says, within);
  await Promise.all([page.waitForNavigation(), button.click()]);
};
// Writes into the field with this label.
const write = async (label, value, within = "body") => {
  const field = await page.evaluateHandle((label, within) => {
    const named = [...document.querySelectorAll(`${within} label`)].find((one) => one.textContent.trim().startsWith(label));
    return named && (named.control ?? document.getElementById(named.htmlFor));
  }, label, within);
  if (!field.asElement()) throw new Error(`${page.url()}: no field is called "${label}"`);
  const tag = await field.evaluate((one) => one.tagName);
  if (tag === "SELECT") {
    await field.evaluate((one, value) => {
      const option = [...one.options].find((o) => o.value === value || o.textContent.trim() === value);
      if (!option) throw new Error(`no choice is called "${value}"`);
      one.value = option.value;
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }, value);
  } else {
    await field.asElement().click({ clickCount: 3 });
    await field.asElement().type(value);
  }
};

// What the desk shows of itself.
const seen = async () => {
  const all = {};
  for (const path of ["/", "/topics", "/gaps", "/people", "/metrics"]) {
    await go(path);
    all[path] = await text("main");
  }
  return all;
};

const all = {
  // Words are selected in a thread that was searched for, and are evidence: with what was suggested and why, changed, taken back.
  async mark(words) {
    await go("/");
    await page.type("#find", words);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    await follow("", ".hits");
    await page.evaluate((words) => {
      const walk = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
      while (!walk.nextNode()?.textContent.includes(words)) if (!walk.currentNode) throw new Error("no such words");
      const range = document.createRange(), at = walk.currentNode.textContent.indexOf(words);
      range.setStart(walk.currentNode, at);
      range.setEnd(walk.currentNode, at + words.length);
      document.getSelection().removeAllRanges();
      document.getSelection().addRange(range);
    }, words);
    await page.waitForFunction((words) => document.getElementById("words").value === words, { timeout: 10000 }, words);
    await press("Mark it");
    const marked = await text("aside > .likes > li");
    await (await find("summary", "Not right", "aside > .likes")).click();
    await shot("evidence");
    await write("What it is", "friction", "aside > .likes");
    await write("Where on the way", "scale", "aside > .likes");
    await press("Say so", "aside > .likes");
    const changed = await text("aside > .likes > li");
    const link = await page.$eval("aside > .likes > li a", (a) => a.href);
    if (shots !== "-") {
      await (await find("summary", "Not right", "aside > .likes")).click();
      await page.setViewport({ width: 390, height: 844 });
      await shot("evidence-narrow");
      await page.setViewport({ width: 1200, height: 900 });
    }
    return { marked, changed, link, thread: new URL(page.url()).pathname.split("/").pop() };
  },
  async unmark(thread) {
    await go(`/thread/${thread}`);
    await press("take it back", "aside > .likes");
    return { left: (await page.$$("aside > .likes > li")).length };
  },
  // A friction log is written on the page as it was typed, and stands beside the last one of its scenario.
  async friction(broken, june, september) {
    await go("/gaps");
    await follow("Friction logs", "main");
    const begin = await page.$eval("#log", (area) => area.value);
    const take = async (file) => {
      await page.$eval("#log", (area, value) => { area.value = value; }, readFileSync(file, "utf8"));
      await press("Take it in");
    };
    await take(broken);
    const refused = await text("main");
    const kept = await page.$eval("#log", (area) => area.value);
    await shot("friction-refused");
    await take(june);
    await take(september);
    const rows = await texts("tbody tr");
    await shot("friction");
    const [links, row] = [await page.$$("tbody td:first-child a"), rows.findIndex((row) => row.includes("less than"))];
    await Promise.all([page.waitForNavigation(), links[row].click()]);
    await shot("friction-log");
    return { begin, refused, kept, rows, log: await text("article.brief") };
  },
  // Back from a conference: rough notes go in, follow-ups are done, the report is drafted, and the talk is given.
  async conference(broken, notesFile) {
    await go("/gaps");
    await follow("Field notes", "main");
    const before = await texts("#talks tbody tr");
    const take = async (notes) => {
      await page.$eval("#notes", (area, value) => { area.value = value; }, notes);
      await press("Take them in");
    };
    await take(broken);
    const refused = await text("[role=alert]");
    const kept = await page.$eval("#notes", (area) => area.value);
    await take(readFileSync(notesFile, "utf8"));
    const rows = await texts("table:not(#talks) tbody tr");
    const talks = await texts("#talks tbody tr");
    const due = await texts("main ul.members > li");
    await shot("notes");
    await page.setViewport({ width: 390, height: 844 });
    await shot("notes-narrow");
    await page.setViewport({ width: 1200, height: 900 });
    await write("What came of it", "answered by mail", "main");
    await press("Done", "main");
    const left = await texts("main ul.members > li");
    await follow("trip report", "main");
    await shot("trip-report");
    const report = await text("article.brief");
    await follow("For readers outside", "main");
    const outside = await text("article.brief");
    const saved = await page.$$eval("main a[href*='save=1']", (all) => all.map((a) => a.getAttribute("href")));
    const file = await page.evaluate(async (to) => {
      const answer = await fetch(to);
      return [answer.headers.get("content-disposition"), await answer.text()];
    }, saved[0]);
    return { before, refused, kept, rows, talks, due, left, report, outside, file };
  },
  // A talk is sent in, a state is not skipped, and it goes on by a button.
  async talk(title, event) {
    await go("/notes");
    await follow("All talks", "main");
    const none = await text("main");
    await write("Its title", title, "main");
    await write("Event", event, "main");
    await press("Propose", "main");
    const sent = await texts("section.talks");
    await write("Its title", title, "main");
    await write("Event", event, "main");
    await press("Propose", "main");
    const twice = await text("[role=alert]");
    const kept = await page.$eval("#title", (field) => field.value);
    await go("/talks");
    const open = await texts("section.talks button");
    await write("A word on it", "the programme is full of queues", "main");
    await press("It is accepted", "main");
    await page.$eval("section.talks summary", (one) => one.click());
    await shot("talks");
    await page.setViewport({ width: 390, height: 844 });
    await shot("talks-narrow");
    await page.setViewport({ width: 1200, height: 900 });
    return { none, sent, twice, kept, open, accepted: await texts("section.talks") };
  },
  // A source asks for a pause: its row says so by itself, it rests when told (by the keyboard), and goes on to the end.
  async source(name) {
    await go("/sources");
    const row = async (words) => {
      await page.waitForFunction((name, words) => [...document.querySelectorAll("#sources tbody tr")].some((one) =>
        one.textContent.includes(name) && one.textContent.includes(words)), { timeout: 60000 }, name, words);
      return (await texts("#sources tbody tr")).find((one) => one.includes(name));
    };
    const keyed = async (says) => {
      await (await find("button", says, "#sources")).focus();
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    };
    const broken = await row("next try");
    await shot("source-broken");
    await page.setViewport({ width: 390, height: 844 });
    await shot("source-broken-narrow");
    await page.setViewport({ width: 1200, height: 900 });
    await keyed("Pause");
    const rests = await row("rests since");
    await shot("source-rests");
    await keyed("Resume");
    const resumed = await text("#sources");
    const whole = await row("complete");
    await shot("source-whole");
    return { broken, rests, resumed, whole };
  },
  // Everything leaves into a folder, and a fresh desk takes it in: what is on the screens before and after.
  async leave(folder) {
    const screens = await seen();
    await go("/");
    await follow("Desk", "header");
    await follow("Everything", "header");
    await Promise.all([page.waitForNavigation(), page.click("main a[href='/desk/export']")]);
    await write("to", folder, "main form");
    await press("Do it", "main");
    await shot("export");
    const said = await text("main section");
    return { screens, said };
  },
  async arrive(folder) {
    await go("/");
    const empty = await text("h1");
    await follow("Desk", "header");
    await follow("Everything", "header");
    await Promise.all([page.waitForNavigation(), page.click("main a[href='/desk/import']")]);
    await write("from", folder, "main form");
    await press("Do it", "main");
    await shot("import");
    return { empty, said: await text("main section"), screens: await seen() };
  },
  // A file of members and activities, as other tools write it, is chosen on the Sources page.
  async members(file) {
    await go("/sources");
    await (await page.$("#export")).uploadFile(file);
    await page.waitForFunction(() => document.querySelector("[data-said]")?.textContent.includes("\n"), { timeout: 20000 });
    const said = await text("[data-said]");
    await go("/people");
    await shot("members");
    return { said, people: await texts("tbody tr") };
  },
  // A salesperson logs in, sees topics with their numbers and nobody, and asks for an introduction.
  async sales(name, password, person) {
    await go("/topics");
    await write("Name", name);
    await write("Password", password);
    await press("Log in");
    const who = await text("footer form p");
    const menu = await texts("header nav a");
    const topics = await texts("tbody tr");
    const links = await page.$$eval("main a", (all) => all.map((a) => a.getAttribute("href")));
    await shot("sales-topics");
    await Promise.all([page.waitForNavigation(), page.click("tbody a")]);
    const topic = await text("main");
    await shot("sales-topic");
    // Each page of the menu opens; what is not theirs does not.
    const open = [];
    for (const path of await page.$$eval("header nav a", (all) => all.map((a) => a.getAttribute("href")))) {
      open.push([path, (await go(path)).status()]);
      await shot(`sales-open${path.replaceAll("/", "-")}`);
    }
    open.push(["/", (await go("/")).status(), new URL(page.url()).pathname]);
    const closed = [];
    for (const path of ["/people", "/people/1", "/thread/1", "/search?q=webhook", "/sources", "/settings"]) {
      const answer = await go(path);
      closed.push([path, answer.status(), await text("main")]);
    }
    await go("/topics");
    await follow("Introductions", "header");
    const ask = async () => {
      await write("Whom", person, "main");
      await write("For whom", "Sam, sales", "main");
      await write("What for", "a pilot", "main");
      await press("Ask", "main");
      await shot("sales-introduce");
      return text("[role=status]");
    };
    const said = await ask();
    return { who, menu, topics, links, topic, open, closed, said, page: await text("main") };
  },
  // Who helps is seen with the evidence, and honoured for a term.
  async honour(name) {
    await go("/people");
    await follow("Who helps whom");
    const helped = await text("h1");
    await shot("recognition");
    const row = await page.evaluateHandle((name) =>
      [...document.querySelectorAll("article")].find((one) => one.querySelector("h2").textContent.startsWith(name)), name);
    await row.evaluate((one) => one.querySelectorAll("summary").forEach((each) => each.click()));
    const pieces = await row.evaluate((one) => one.querySelectorAll("details[open] li").length);
    await Promise.all([page.waitForNavigation(), row.$("p:last-child a").then((link) => link.click())]);
    await write("For what", "Answers that stay");
    await press("Begin a term");
    await go("/people/champions");
    await shot("champions");
    return { helped, pieces, champions: await text("h1") };
  },
  // The privacy letter: no introduction without a yes, the yes, what would go, and that it went.
  async letter(name) {
    const ask = async () => {
      await write("For whom", "A partner");
      await press("Ask");
      return text("[role=status]");
    };
    await go("/people");
    await write("Name, login", name);
    await press("Show", "main");
    await follow(name, "table");
    const person = page.url();
    await shot("person");
    await follow("Introduce them");
    const refused = await ask();
    await page.goto(person);
    await page.select("select[name=introduce]", "yes");
    await press("Record it");
    const recorded = await text("#privacy ~ ul");
    await follow("Introduce them");
    const granted = await ask();
    await shot("introduce");
    await page.goto(person);
    await press("Show what would go");
    const plan = await text("main");
    await shot("forget");
    await press("Forget this person for good");
    await shot("forgotten");
    return { refused, recorded, granted, plan, gone: await text("main") };
  },
  // An export is chosen on the Sources page; who waits is on Today.
  async export(file) {
    await go("/");
    const empty = await text("h1");
    await go("/sources");
    await (await page.$("#export")).uploadFile(file);
    await page.waitForFunction(() => document.querySelector("[data-said]")?.textContent.includes("\n"), { timeout: 20000 });
    const said = await text("[data-said]");
    await page.waitForSelector("#sources tbody tr", { timeout: 20000 });
    await go("/");
    const cards = await texts(".card h2");
    await follow(cards[0]);
    return { empty, said, cards, thread: await text("h1"), asked: await page.$eval("main a[rel~=noopener]", (a) => a.href) };
  },
  // Monday: what is there, why, how long, and the post itself.
  async monday() {
    await go("/");
    await shot("monday");
    return { head: await text("h1"), cards: await texts(".card h2"), why: await texts(".card .what > p:last-of-type"),
      waits: await texts(".card .wait strong"), links: await page.$$eval(".card .what a[rel~=noopener]", (all) => all.map((a) => a.href)) };
  },
  // From what keeps coming back to those who asked: topic, draft, plan, answer, shipped, told.
  async loop(topic) {
    await go("/topics");
    const listed = await texts("tbody tr");
    await follow(topic);
    const counted = await text("h1 + p");
    await (await find("summary", "Bring it inside")).click();
    await write("For", "Product", "main");
    await write("Called", "Say what is signed", "main");
    await press("Make a draft");
    await shot("feedback-draft");
    const brief = await text("article.brief");
    const address = new URL(page.url()).pathname;
    await press("Show what would be delivered");
    const plan = await text("section pre");
    await press("Send it");
    const delivered = await text(".verdict");
    await write("Release", "3.1");
    await press("Accepted");
    await write("Release", "3.1");
    await press("Shipped");
    const places = (await page.$$("ol.members li")).length;
    const drafts = await texts("ol.members pre");
    for (let n = 0; n < places; n++) await press("I have sent it");
    await shot("feedback-told");
    const closed = await text(".verdict");
    await go("/feedback");
    await shot("board");
    return { listed, counted, brief, address, plan, delivered, places, drafts, closed, board: await texts(".board section > h2") };
  },
  // A receiver without an account.
  async answer(path) {
    await go(path);
    await write("Your name", "Petra");
    await press("Decline");
    const refused = await text("main");
    await go(path);
    await write("Your name", "Petra");
    await write("Reason", "Not this quarter: the signing service is being replaced");
    await press("Decline");
    return { refused, said: await text("main") };
  },
  async who() {
    await go("/people/review");
    const before = (await page.$$("form[action$=same]")).length;
    const because = await text("main");
    // j goes to a pair, s leaves it for later: the next one has the focus, and nothing was said.
    const here = () => page.evaluate(() => document.activeElement.id);
    await page.keyboard.press("j");
    const first = await here();
    await page.keyboard.press("s");
    const next = await here();
    const skipped = first !== "" && next !== "" && next !== first && new URL(page.url()).pathname === "/people/review";
    await Promise.all([page.waitForNavigation(), page.click("form[action$=same] button")]);
    return { before, because, skipped, after: (await page.$$("form[action$=same]")).length };
  },
  async docs() {
    await go("/docs");
    await shot("docs-gaps");
    return { head: await text("h1"), gaps: await texts(".gap h2"), lacks: await texts(".gap .kind"), people: await texts(".gap p a[href*='#threads']") };
  },
  async digest() {
    await go("/report");
    await write("For", "digest");
    await press("Show");
    const frame = await (await page.waitForSelector("iframe.paper")).contentFrame();
    await frame.waitForSelector("h1");
    await shot("digest");
    const links = await frame.$$eval("a[href]", (all) => all.map((a) => a.getAttribute("href")));
    return { head: await frame.$eval("h1", (h) => h.textContent), links, text: await frame.$eval("body", (b) => b.innerText) };
  },
  async quarter() {
    await go("/report");
    await write("For", "leadership");
    await write("Period", "2026-Q3");
    await press("Show");
    const frame = await (await page.waitForSelector("iframe.paper")).contentFrame();
    await frame.waitForSelector("h1");
    await shot("quarter");
    return { text: await frame.$eval("body", (b) => b.innerText), saved: await page.$$eval("a[href*='save=1']", (all) => all.map((a) => a.textContent)) };
  },
  async late() {
    await go("/metrics");
    await write("Metric", "late");
    await page.evaluate(() => { document.querySelector("input[name=rows]").checked = true; });
    await press("Show");
    await shot("late");
    const threads = await page.$$eval("main section a[href^='/thread/']", (all) => all.map((a) => a.getAttribute("href")));
    return { text: await text("main section"), threads };
  },
  async focus() {
    await go("/focus");
    await shot("focus");
    return { heads: await texts("main h2"), lists: await texts("main section, main ol, main ul.members") };
  },
  // An application comes in, is read clause by clause, and somebody says a word.
  async apply() {
    await go("/roster");
    const none = await text("h1");
    await write("Name", "dana", "main");
    await write("Title", "Head of Developer Relations", "main");
    await write("Duties", "software engineering sixty", "main");
    await press("Take it in", "main");
    const refused = await text("[role=alert]");
    const kept = await page.$eval("#job", (field) => field.value);
    await page.$eval("#duties", (field) => { field.value = "software engineering 60 %\ndeveloper advocacy 40 %"; });
    await write("Hours a week", "40", "main");
    await press("Take it in", "main");
    const listed = await texts("tbody tr");
    await follow("dana", "main");
    await shot("roster-case");
    const clauses = await texts("ul.members li");
    const letter = await page.$eval("textarea.full", (field) => field.value);
    await write("Your word", "recognised", "main");
    await press("Say it", "main");
    const said = await text(".verdict");
    await go("/roster");
    await shot("roster");
    return { none, refused, kept, listed, clauses, letter, said, heads: await texts("main h2") };
  },
  async line() {
    await go("/organisation");
    await shot("organisation");
    const before = await texts(".gap");
    await write("In words", "line of noor to sales");
    await press("Show");
    return { before, people: await texts("ul.members li"), would: await text("pre.plain"), fault: await text(".fault") };
  },
};

const said = {};
for (const walk of walks) {
  const [name, ...rest] = walk.split("=");
  said[name] = await all[name](...rest);
}
console.log(JSON.stringify({ ...said, errors, foreign }));
await browser.close();
