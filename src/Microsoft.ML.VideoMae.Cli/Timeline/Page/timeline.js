"use strict";
(() => {
  const data = JSON.parse(document.getElementById("timeline-data").textContent);
  const root = document.documentElement, main = document.querySelector("main");
  const segments = data.segments.map(([label, start, end, probability]) => ({ label, start, end, probability }));

  // Text goes in as text: names of files and classes are never read as HTML.
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("--")) node.style.setProperty(name, value);
      else if (name === "onclick") node.addEventListener("click", value);
      else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter(c => c !== null && c !== undefined));
    return node;
  }
  const hue = label => (label * 137.508 + 210) % 360;
  // A live video shows its last hour: time need not begin at 0.
  const length = data.duration - data.from, share = time => (time - data.from) / length;
  const percent = time => 100 * share(time) + "%";
  const clock = time => {
    const whole = Math.floor(time + 1e-6), two = n => String(n).padStart(2, "0");
    const hours = Math.floor(whole / 3600), rest = two(Math.floor(whole / 60) % 60) + ":" + two(whole % 60);
    return hours > 0 ? hours + ":" + rest : rest;
  };
  const exact = time => clock(time) + (time % 1).toFixed(2).slice(1);

  document.getElementById("subtitle").textContent = `${clock(data.duration)}, ${segments.length} segments of ${data.classes.length} ` +
    `classes, by ${data.model}: windows of ${data.window} s every ${data.stride} s, from a probability of ${data.threshold} on` +
    (data.from > 0 ? ". Here is the last hour; the list NAME.segments.csv has all of it" : "") +
    (data.isLive ? ". It goes on: reload the page for what came since" : "");

  // The video. Where it cannot be played, the tracks are there still, and time is where one clicks.
  let still = data.from;
  const video = data.video === null ? null : el("video", { src: data.video, controls: true, preload: "metadata", playsinline: true });
  const now = el("p", { id: "now", role: "status" });
  const stage = el("div", { class: "stage" }, video, now);
  let isPlayable = video !== null;
  const time = () => isPlayable && video.readyState > 0 ? video.currentTime : still;
  if (video !== null) {
    video.addEventListener("error", () => {
      isPlayable = false;
      video.replaceWith(el("p", { class: "faint", id: "unplayable" },
        `This browser cannot play ${data.name}, or it is not where it was. The times below hold for any player.`));
    });
  }

  // The tracks.
  const head = el("div", { class: "head" });
  const pieces = data.windows.reduce((all, w) => {
    const last = all[all.length - 1], before = last && last[last.length - 1][0];
    if (last && !data.gaps.some(g => g[0] >= before - 1e-3 && g[1] <= w[0] + 1e-3)) last.push(w); else all.push([w]);
    return all;
  }, []);
  const gaps = data.gaps.filter(g => g[1] > data.from).map(([start, end]) => {
    const node = el("div", { class: "gap", title: `Nothing was received from ${exact(start)} to ${exact(end)}` });
    node.style.left = percent(Math.max(start, data.from));
    node.style.width = 100 * (end - Math.max(start, data.from)) / length + "%";
    return node;
  });
  const ruler = el("div", { class: "ruler", "aria-hidden": "true" });
  function lane(label) {
    const node = el("div", { class: "lane", "--hue": hue(label) });
    const curve = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    curve.setAttribute("viewBox", `${data.from} 0 ${length} 1`);
    curve.setAttribute("preserveAspectRatio", "none");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", pieces.map(windows => `M${windows[0][0]} 1L` +
      windows.map(w => `${w[0]} ${(1 - w[1 + label]).toFixed(3)}`).join("L") + `L${windows[windows.length - 1][0]} 1Z`).join(""));
    curve.append(path);
    node.append(curve, ...segments.filter(s => s.label === label).map(s => {
      const button = el("button", { type: "button", "aria-label": `${data.classes[label]}, ${exact(s.start)} to ${exact(s.end)}`,
        title: `${data.classes[label]}\n${exact(s.start)} to ${exact(s.end)}, ${(100 * s.probability).toFixed(0)} %`,
        onclick: e => { e.stopPropagation(); seek(s.start); } });
      button.style.left = percent(Math.max(s.start, data.from));
      button.style.width = 100 * (s.end - Math.max(s.start, data.from)) / length + "%";
      return button;
    }));
    return node;
  }
  const strip = el("div", { class: "time", onclick: e => {
    const box = strip.getBoundingClientRect();
    seek(data.from + (e.clientX - box.left) / box.width * length);
  } }, ruler, gaps, data.classes.map((_, label) => lane(label)), head);
  const scroll = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Tracks" }, strip);
  const names = el("div", { class: "names" }, el("div", {}), data.classes.map((name, label) =>
    el("div", { title: name }, el("span", { class: "dot", "--hue": hue(label), "aria-hidden": "true" }), name)));
  const rows = segments.map(s => el("tr", {}, el("td", {}, el("span", { class: "dot", "--hue": hue(s.label), "aria-hidden": "true" }), data.classes[s.label]),
    el("td", {}, el("button", { type: "button", onclick: () => seek(s.start) }, exact(s.start))), el("td", {}, exact(s.end)),
    el("td", {}, (s.end - s.start).toFixed(2) + "\u00a0s"), el("td", {}, (100 * s.probability).toFixed(0) + "\u00a0%")));
  main.append(stage, el("div", { class: "tracks" }, names, scroll),
    el("p", { class: "faint" }, "Click a track to go there. ", [["Space", "plays and pauses"], ["←", "and"], ["→", "go by a second"],
      ["P", "and"], ["N", "go to the segment before and after"], ["+", "and"], ["−", "change how much time is seen"]]
      .map(([key, what]) => [el("kbd", {}, key), ` ${what}${what === "and" ? " " : ". "}`])),
    el("h2", {}, "Segments"), segments.length === 0 ? el("p", { id: "nothing" }, "No class is probable enough anywhere.")
      : el("table", { id: "segments" }, el("thead", {}, el("tr", {}, ["Class", "Start", "End", "Length", "Probability"]
        .map(h => el("th", { scope: "col" }, h)))), el("tbody", {}, rows)));

  // Time.
  function seek(to) {
    still = Math.min(Math.max(data.from, to), data.duration);
    if (isPlayable) video.currentTime = still;
    show();
  }
  function show() {
    const t = time();
    head.style.left = percent(Math.min(t, data.duration));
    const here = segments.findIndex(s => t >= s.start - 1e-3 && t < s.end - 1e-3);
    now.textContent = exact(t) + "  " + (here < 0 ? "–" : data.classes[segments[here].label]);
    rows.forEach((row, i) => i === here ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current"));
  }
  if (video !== null) for (const name of ["timeupdate", "seeked", "loadedmetadata"]) video.addEventListener(name, show);
  function play() {
    if (!isPlayable) return;
    if (video.paused) video.play().catch(() => {}); else video.pause();
  }

  // How much time is seen.
  let zoom = 1;
  function setZoom(value) {
    const middle = (scroll.scrollLeft + scroll.clientWidth / 2) / strip.clientWidth;
    zoom = Math.min(Math.max(1, value), Math.max(1, length / 5));
    strip.style.width = 100 * zoom + "%";
    scroll.scrollLeft = middle * strip.clientWidth - scroll.clientWidth / 2;
    const wanted = length / zoom / 8, steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
    const step = steps.find(s => s >= wanted) || 14400;
    const first = Math.ceil(data.from / step - 1e-6);
    ruler.replaceChildren(...Array.from({ length: Math.max(0, Math.floor(data.duration / step) - first + 1) }, (_, i) => {
      const at = (first + i) * step, mark = el("span", {}, step < 1 ? exact(at) : clock(at));
      mark.style.left = percent(at);
      return mark;
    }));
  }
  document.getElementById("larger").addEventListener("click", () => setZoom(zoom * 2));
  document.getElementById("smaller").addEventListener("click", () => setZoom(zoom / 2));

  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || (e.key === " " && e.target.closest("button, video"))) return;
    const t = time();
    const actions = {
      " ": play, ArrowLeft: () => seek(t - 1), ArrowRight: () => seek(t + 1),
      n: () => seek((segments.find(s => s.start > t + 0.05) || { start: t }).start),
      p: () => seek((segments.findLast(s => s.start < t - 0.3) || { start: data.from }).start),
      "+": () => setZoom(zoom * 2), "-": () => setZoom(zoom / 2),
    };
    const action = actions[e.key.length === 1 ? e.key.toLowerCase() : e.key];
    if (!action || (e.target === video && e.key.startsWith("Arrow"))) return;
    e.preventDefault();
    action();
  });

  const theme = document.getElementById("theme");
  function setTheme(dark) {
    root.dataset.theme = dark ? "dark" : "light";
    theme.textContent = dark ? "Light" : "Dark";
  }
  theme.addEventListener("click", () => setTheme(root.dataset.theme !== "dark"));
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
  setZoom(1);
  show();
})();
