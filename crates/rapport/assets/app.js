// The keys of the desk, and dropping an export. Everything here also works with the mouse, and reading without scripts.
"use strict";
(() => {
  const token = document.body.dataset.token;
  const cards = () => [...document.querySelectorAll(".card")];
  const keys = document.getElementById("keys");
  let waitsForPage = false;

  // Which card is chosen, kept over a page that was filled anew: the card itself, else its place.
  const chosen = { id: "", place: -1 };
  function mark(place) {
    const all = cards();
    if (!all.length) return;
    chosen.place = Math.min(Math.max(place, 0), all.length - 1);
    chosen.id = all[chosen.place].id;
    all.forEach((card, n) => card.classList.toggle("on", n === chosen.place));
    all[chosen.place].focus({ preventScroll: true });
    all[chosen.place].scrollIntoView({ block: "nearest" });
  }
  function choose(step) { mark(chosen.place + step); }
  document.addEventListener("htmx:afterSettle", () => {
    if (chosen.place < 0) return;
    const same = cards().findIndex((card) => card.id === chosen.id);
    mark(same >= 0 ? same : chosen.place);
  });
  // A form that came just now is a plain one until htmx has seen it, which a quick second key must not meet: the page would
  // load anew.
  function click(button) {
    const form = button.closest("form");
    if (form && window.htmx) window.htmx.process(form);
    button.click();
  }
  function press(key) {
    // A list that came just now is not marked yet.
    const again = chosen.place < 0 ? null : document.getElementById(chosen.id) || cards()[chosen.place];
    const scope = document.querySelector(".card.on") || again || document.querySelector("article");
    const button = scope && scope.querySelector(`[data-key="${key}"]`);
    if (button) click(button);
    // "Later" leads to the next card of the same page: the choice goes along.
    if (button && (button.getAttribute("href") || "").startsWith("#")) choose(1);
  }
  const pages = { t: "/", o: "/topics", r: "/trends", a: "/gaps", f: "/feedback", u: "/focus", p: "/people", i: "/organisation", e: "/metrics", s: "/sources" };

  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !keys || keys.open) return;
    if (waitsForPage) {
      waitsForPage = false;
      if (pages[event.key]) { event.preventDefault(); location.href = pages[event.key]; return; }
    }
    switch (event.key) {
      case "j": choose(1); break;
      case "k": choose(-1); break;
      case "c": case "s": case "m": case "e": press(event.key); break;
      case "z": { const undo = document.querySelector("[data-undo]"); if (undo) click(undo); break; }
      case "g": waitsForPage = true; break;
      case "/": { const find = document.getElementById("find"); if (find) { event.preventDefault(); find.focus(); } break; }
      case "?": keys.showModal(); break;
      case "Enter": {
        const link = event.target.classList && event.target.classList.contains("card") && event.target.querySelector("h2 a");
        if (link) link.click();
        break;
      }
    }
  });
  document.querySelectorAll("[data-help]").forEach((button) => button.addEventListener("click", () => keys.showModal()));

  // What changes while a source is read shows by itself: the desk says that something changed, and the page asks anew.
  // Only while it is looked at, and not under the hand of somebody who fills in a form.
  let stream = null;
  function listen() {
    const wanted = !document.hidden && document.querySelector("[data-live]") && window.EventSource;
    if (!wanted) { if (stream) stream.close(); stream = null; return; }
    if (stream) return;
    stream = new EventSource("/live");
    stream.addEventListener("changed", () => {
      const active = document.activeElement;
      const busy = active && /^(INPUT|SELECT|TEXTAREA)$/.test(active.tagName) && active.closest("[data-live]");
      if (!busy) document.body.dispatchEvent(new Event("rapport-changed"));
    });
  }
  document.addEventListener("visibilitychange", listen);
  window.addEventListener("load", () => setTimeout(listen, 2000));

  const drop = document.querySelector("[data-drop]");
  if (!drop) return;
  const said = drop.querySelector("[data-said]");
  // What is said stands in the page, in its language; here only what is meant goes in.
  const filled = (text, given) => text.replace(/\{(\w+)\}/g, (_, name) => given[name]);
  async function send(files) {
    said.hidden = false;
    for (const file of files) {
      const answer = await sent(file);
      said.textContent = answer.said;
      document.body.dispatchEvent(new Event("rapport-changed"));
      if (!answer.fine) return;
    }
  }
  // How far the bytes have come is said; then it is read, which takes its time for a large one.
  function sent(file) {
    const scope = drop.querySelector("[data-scope]").value;
    const way = new XMLHttpRequest();
    way.open("POST", `/sources/upload?scope=${scope}&name=${encodeURIComponent(file.name)}`);
    way.setRequestHeader("x-rapport-token", token);
    way.setRequestHeader("content-type", "application/octet-stream");
    const since = Date.now();
    let share = 0;
    const say = () => {
      const seconds = Math.round((Date.now() - since) / 1000);
      said.textContent = filled(share < 100 ? drop.dataset.sending : drop.dataset.reading, { file: file.name, share, seconds });
    };
    const clock = setInterval(say, 1000);
    way.upload.addEventListener("progress", (event) => { share = Math.floor((100 * event.loaded) / event.total); say(); });
    say();
    return new Promise((done) => {
      way.addEventListener("loadend", () => {
        clearInterval(clock);
        const fine = way.status === 200;
        done({ fine, said: way.responseText || filled(drop.dataset.away, { file: file.name }) });
      });
      way.send(file);
    });
  }
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    send(event.dataTransfer.files);
  });
  document.getElementById("export").addEventListener("change", (event) => send(event.target.files));
})();
