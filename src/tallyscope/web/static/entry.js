// Entry by keyboard: Enter and arrows go from line to line, every pause saves, and what a server or a browser
// loses is still on this device. Without this script the form works as a plain form.
"use strict";

(() => {
  const PAUSE = 600, RETRY = 4000;

  function finding(field) {
    const list = document.getElementById("found");
    let timer, asked = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const mine = ++asked;
        try {
          const answer = await fetch(field.dataset.find + "?q=" + encodeURIComponent(field.value));
          const rows = answer.ok ? await answer.text() : "";
          if (mine === asked) list.innerHTML = rows;
        } catch { /* the button still finds it */ }
      }, 200);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const stops = [field, ...document.querySelectorAll(".papers a")];
      const at = stops.indexOf(document.activeElement), to = at + (event.key === "ArrowDown" ? 1 : -1);
      if (at < 0 || !stops[to]) return;
      event.preventDefault();
      stops[to].focus();
    });
  }

  function typing(form) {
    const lines = [...form.querySelectorAll(".lines input")];
    const status = document.getElementById("saved");
    const serial = form.elements.serial, store = "draft/" + form.dataset.key;
    let timer, saving = false, again = false, over = false;

    const texts = () => Object.fromEntries(lines.map((line) => [line.id, line.value]));
    const keep = () => { try { localStorage.setItem(store, JSON.stringify(texts())); } catch { /* full or off */ } };
    const forget = () => { try { localStorage.removeItem(store); } catch { /* off */ } };
    const say = (text, bad) => { status.textContent = text; status.classList.toggle("bad", bad); };

    function show(found) {
      for (const line of lines) {
        const about = found[line.id], row = document.getElementById("of-" + line.id);
        row.className = about ? about.level : "";
        line.toggleAttribute("aria-invalid", false);
        if (about && about.level === "E") line.setAttribute("aria-invalid", "true");
        const beside = document.getElementById("said-" + line.id), html = about ? about.text : "";
        if (beside.dataset.html !== html) { beside.innerHTML = html; beside.dataset.html = html; }
      }
    }

    async function save() {
      if (over) return;
      if (saving) { again = true; return; }
      saving = true;
      const sent = JSON.stringify(texts());
      try {
        const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)) });
        if (answer.status === 409) { over = true; say((await answer.json()).told, true); return; }
        if (answer.redirected || answer.status === 403) { over = true; say(status.dataset.signedOut, true); return; }
        if (!answer.ok) throw new Error(answer.status);
        const { serial: number, lines: found } = await answer.json();
        serial.value = number;
        if (JSON.stringify(texts()) === sent) { forget(); show(found); }
        say(status.dataset.saved + " " + new Date().toLocaleTimeString(document.documentElement.lang), false);
      } catch {
        say(status.dataset.unsaved, true);
        timer = setTimeout(save, RETRY);
      } finally {
        saving = false;
        if (again) { again = false; save(); }
      }
    }

    function restore() {
      let kept = null;
      try { kept = JSON.parse(localStorage.getItem(store)); } catch { /* none */ }
      if (!kept || JSON.stringify(kept) === JSON.stringify(texts())) return;
      for (const line of lines) if (typeof kept[line.id] === "string") line.value = kept[line.id];
      say(status.dataset.restored, false);
      save();
    }

    // A telephone's keys for figures have neither - nor ?: there are buttons for both at the line that is typed.
    const marks = matchMedia("(pointer: coarse)").matches ? document.createElement("div") : null;
    if (marks) {
      marks.className = "marks";
      for (const [mark, name] of [["-", form.dataset.missing], ["?", form.dataset.illegible]]) {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "plain", tabIndex: -1, textContent: `${mark}  ${name}` });
        button.addEventListener("pointerdown", (event) => event.preventDefault());
        button.addEventListener("click", () => {
          const line = marks.closest("li").querySelector("input");
          line.value = mark;
          line.dispatchEvent(new Event("input", { bubbles: true }));
          (lines[lines.indexOf(line) + 1] || document.getElementById("hand-in")).focus();
        });
        marks.append(button);
      }
    }

    form.addEventListener("input", (event) => {
      // A figure in digits, or one of the two marks; a pasted blank or letter is not part of it.
      const clean = event.target.value.replace(/[^\d?.,-]/g, "");
      if (clean !== event.target.value) event.target.value = clean;
      keep();
      clearTimeout(timer);
      timer = setTimeout(save, PAUSE);
    });
    form.addEventListener("keydown", (event) => {
      const at = lines.indexOf(event.target);
      if (at < 0 || event.isComposing) return;
      const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const to = at + step < lines.length ? lines[at + step] : document.getElementById("hand-in");
      if (to) { to.focus(); if (to.select) to.select(); }
    });
    form.addEventListener("focusin", (event) => {
      if (event.target.select) event.target.select();
      if (marks && lines.includes(event.target)) event.target.closest("li").append(marks);
    });
    // Kept on the device until the next page says that it was taken: see `handedIn`.
    form.addEventListener("submit", () => { clearTimeout(timer); over = true; keep(); });
    restore();
    const first = form.querySelector("[autofocus]");
    if (first) { first.focus(); first.select(); }
  }

  function handedIn(station) {
    try {
      for (const key of Object.keys(localStorage))
        if (key.startsWith("draft/") && key.split("/")[2] === station) localStorage.removeItem(key);
    } catch { /* off */ }
  }

  const after = document.getElementById("after");
  if (after) handedIn(after.dataset.station);
  const field = document.querySelector("[data-find]"), form = document.getElementById("paper");
  if (field) finding(field);
  if (form) typing(form);
})();
