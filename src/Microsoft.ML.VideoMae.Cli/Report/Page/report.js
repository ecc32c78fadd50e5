"use strict";
(() => {
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const quality = data.quality;
  const numbers = data.numbers;
  const main = document.getElementById("main");
  const root = document.documentElement;
  const charts = [];
  const MATRIX_CLASSES = 30, MISTAKES = 24, PAIRS = 30;

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
  const percent = (x, digits = 1) => x === null || x === undefined ? "–" : (100 * x).toFixed(digits) + "\u00a0%";
  const fixed = (x, digits = 3) => x === null || x === undefined ? "–" : x.toFixed(digits);
  // Lines may break after underscores.
  const breakable = name => name.replaceAll("_", "_\u200b");
  const fileName = path => path.split(/[\\/]/).pop();
  const sum = list => list.reduce((a, b) => a + b, 0);

  function section(id, title, ...children) {
    const node = el("section", { id, "aria-labelledby": id + "-title" }, el("h2", { id: id + "-title" }, title), ...children);
    main.append(node);
    return node;
  }
  const facts = list => el("dl", { class: "facts" }, list.map(f => [el("dt", {}, f.name), el("dd", {}, f.value)]));
  function table(head, rows, className) {
    return el("div", { class: "scroll", tabindex: "0" }, el("table", { class: className || "wide" },
      el("thead", {}, el("tr", {}, head.map(h => el("th", { scope: "col" }, h)))),
      el("tbody", {}, rows.map(r => el("tr", {}, r.map((c, i) => i === 0 ? el("th", { scope: "row" }, c) : el("td", {}, c)))))));
  }
  const bar = share => el("span", { class: "bar", "aria-hidden": "true" }, el("i", { style: `width:${100 * (share || 0)}%` }));

  function clip(c, withScores) {
    const picture = c.strip
      ? el("div", { class: "strip", role: "img", "aria-label": `Frames of ${fileName(c.path)}`, style: `background-image:url(${c.strip.url})`, "--n": c.strip.frames, "--ratio": c.strip.ratio })
      : el("div", { class: "strip none", "--ratio": 1 }, "no picture");
    const scores = withScores && c.top ? el("ol", { class: "scores" }, c.top.slice(0, 3).map(s =>
      el("li", { class: s.class === c.label ? "true" : null }, el("span", {}, data.classes[s.class]), el("span", {}, percent(s.probability, 0))))) : null;
    return el("li", {}, picture, el("code", { title: c.path }, breakable(fileName(c.path))),
      c.predicted !== null && withScores ? el("div", {}, "is ", el("b", {}, data.classes[c.label])) : null, scores);
  }

  // Four digits say enough of a number whose unit is not known here.
  const number = x => x === null || x === undefined ? "–" : String(Number(x.toPrecision(4)));
  function numberClip(c) {
    const item = clip({ path: c.path, strip: c.strip, predicted: null }, false);
    item.append(el("div", {}, "is ", el("b", {}, number(c.label)), c.predicted === null ? null : `, predicted ${number(c.predicted)}`));
    return item;
  }

  // Charts are drawn on a canvas, so their colours are set anew with the theme; the numbers stand in a table too.
  function chart(title, label, options, values) {
    const figure = el("figure", { class: "chart" }, el("figcaption", {}, title));
    const canvas = el("div", { role: "img", "aria-label": label });
    figure.append(canvas);
    charts.push({ canvas, options, values, plot: null });
    return figure;
  }
  function draw(item) {
    const style = getComputedStyle(root), color = name => style.getPropertyValue(name).trim();
    if (item.plot) item.plot.destroy();
    const axis = { stroke: color("--text"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line"), width: 1 } };
    item.plot = new uPlot({
      width: Math.max(220, item.canvas.clientWidth), height: 240, legend: { live: item.options.live !== false },
      cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false, ...(item.options.x || {}) }, y: item.options.y || {} },
      axes: [{ ...axis, label: item.options.xLabel, labelSize: 22, size: 40, incrs: item.options.incrs }, { ...axis, size: 50 }],
      series: [{ label: item.options.xLabel }, ...item.options.series.map(s => ({ spanGaps: true, ...s, stroke: color(s.stroke), width: s.width ?? 2,
        points: { show: s.points ?? item.values[0].length < 40, size: 6, fill: color(s.stroke), stroke: color(s.stroke) } }))],
    }, item.values, item.canvas);
  }
  const drawAll = () => charts.forEach(draw);

  function numbersOverview() {
    const q = numbers.quality;
    const figures = q ? [["R squared", fixed(q.rSquared)], ["root mean squared error", number(q.rootMeanSquaredError)], ["mean error", number(q.meanAbsoluteError)], [q.set + " videos", String(q.clips.length)]] : [];
    figures.push(["training videos", String(numbers.sets[0].count)], ["models tried", String(data.trials.length)]);
    section("result", "Result",
      data.wasStopped ? el("p", { class: "warning" }, "The run was stopped before its end; the model is the best it had reached. Start it again to go on.") : null,
      data.notes.map(note => el("p", { class: "warning" }, note)),
      q
        ? el("p", {}, `The model gives the ${q.set} videos numbers that are off by ${number(q.rootMeanSquaredError)} (root mean square), in the unit of the labels. ` +
          `To say the mean of the training videos each time would be off by ${number(q.errorOfMean)}.`,
          q.set === "cross-validation" ? " Each video got its number from a model that was not trained on it. The choice of the model was made by the same numbers, so expect a little less." : "")
        : el("p", { class: "warning" }, "No videos were measured, so it is not known how good the model is on new ones."),
      el("dl", { class: "figures" }, figures.map(f => el("div", {}, el("dt", {}, f[0]), el("dd", {}, f[1])))),
      q && q.unreadable.length ? el("details", {}, el("summary", {}, `${q.unreadable.length} videos could not be read`), el("ul", {}, q.unreadable.map(u => el("li", {}, u)))) : null);
  }

  function scatter() {
    const q = numbers.quality, sorted = [...q.clips].sort((a, b) => a.label - b.label), x = sorted.map(c => c.label);
    section("scatter", "Predicted against true",
      el("p", { class: "faint" }, "Each point is a video. On the dashed line, what is predicted is true."),
      chart("Predicted number by true number", `Predicted against true numbers of ${x.length} videos: R squared ${fixed(q.rSquared)}.`,
        { xLabel: "true", series: [{ label: "ideal", stroke: "--faint", dash: [5, 5], width: 1, points: false }, { label: "predicted", stroke: "--accent", width: 0, points: true }] },
        [x, x, sorted.map(c => c.predicted)]),
      el("details", {}, el("summary", {}, "Numbers of every video"), table(["video", "true", "predicted", "off by"],
        q.clips.map(c => [breakable(fileName(c.path)), number(c.label), number(c.predicted), number(c.predicted - c.label)]))));
  }

  function farthest() {
    section("mistakes", "Farthest off",
      el("p", { class: "faint" }, "Look here first: wrong labels and videos unlike all others show up at the top."),
      el("ul", { class: "clips" }, numbers.quality.clips.slice(0, MISTAKES).map(numberClip))).classList.add("long");
  }

  function numbersSet() {
    section("data", "Data set",
      data.skipped ? el("p", { class: "warning" }, `${data.skipped} of the training videos could not be read, and were left out. videomae validate says why.`) : null,
      table(["part", "videos", "smallest", "median", "largest"], numbers.sets.map(s => [s.name, String(s.count), number(s.smallest), number(s.median), number(s.largest)])),
      el("details", { open: true }, el("summary", {}, "Training videos, from the smallest number to the largest"),
        el("ul", { class: "clips" }, numbers.examples.map(numberClip)))).classList.add("long");
  }

  function overview() {
    const figures = [];
    if (quality) {
      figures.push(["accuracy", percent(quality.accuracy)], ["mean of the classes", percent(quality.macroAccuracy)], ["log-loss", fixed(quality.logLoss)],
        ...(quality.areaUnderRocCurve === null ? [] : [["area under the ROC curve", fixed(quality.areaUnderRocCurve)]]),
        [quality.set + " videos", String(quality.clips.length)]);
    }
    figures.push(["training videos", String(sum(data.sets[0].counts))], ["classes", String(data.classes.length)], data.trials.length ? ["models tried", String(data.trials.length)] : ["epochs", String(data.epochs.length)]);
    const right = quality && quality.clips.filter(c => c.label === c.predicted).length;
    section("result", "Result",
      data.wasStopped ? el("p", { class: "warning" }, "The run was stopped before its end; the model is the best it had reached. Start it again to go on.") : null,
      data.notes.map(note => el("p", { class: "warning" }, note)),
      quality
        ? el("p", {}, `${right} of ${quality.clips.length} ${quality.set} videos were classified right. On new videos of the same kind, the accuracy lies between ` +
          `${percent(quality.interval[0], 0)} and ${percent(quality.interval[1], 0)} (95 % confidence, from the number of videos alone).`,
          quality.set === "cross-validation" ? " Each was scored by a model that was not trained on it. The choice of the model was made by the same scores, so expect a little less." : "",
          quality.set === "validation" && !data.trials.length ? " The validation videos also chose the best epoch, so expect a little less." : "")
        : el("p", { class: "warning" }, "No videos were measured, so it is not known how good the model is on new ones."),
      el("dl", { class: "figures" }, figures.map(f => el("div", {}, el("dt", {}, f[0]), el("dd", {}, f[1])))),
      quality && quality.unreadable.length ? el("details", {}, el("summary", {}, `${quality.unreadable.length} videos could not be read`), el("ul", {}, quality.unreadable.map(u => el("li", {}, u)))) : null);
  }

  function dataSet() {
    const rows = data.classes.map((name, i) => [name, ...data.sets.map(s => String(s.counts[i]))]);
    rows.push(["all", ...data.sets.map(s => String(sum(s.counts)))]);
    const counts = data.sets[0].counts.filter(c => c > 0), uneven = Math.max(...counts) > 3 * Math.min(...counts);
    const groups = data.classes.map((name, i) => [name, data.examples.filter(e => e.label === i)]).filter(g => g[1].length);
    section("data", "Data set",
      uneven ? el("p", { class: "warning" }, "The largest class has more than three times the videos of the smallest. Look at the mean of the classes rather than at the accuracy.") : null,
      data.skipped ? el("p", { class: "warning" }, `${data.skipped} of the training videos could not be read, and were left out. videomae validate says why.`) : null,
      table(["class", ...data.sets.map(s => s.name)], rows),
      el("details", { open: groups.length <= 8 }, el("summary", {}, "Training videos of each class"),
        groups.map(g => [el("h3", {}, g[0]), el("ul", { class: "clips" }, g[1].map(c => clip(c, false)))]))).classList.add("long");
  }

  function curves() {
    if (!data.epochs.length) return;
    const x = data.epochs.map(e => e.number), pick = name => data.epochs.map(e => e[name]);
    const validated = data.epochs.some(e => e.validationLoss !== null);
    const pair = (label, training, validation) => ({
      series: [{ label: "training", stroke: "--accent" }, ...(validated ? [{ label: "validation", stroke: "--second", dash: [6, 4] }] : [])],
      values: [x, pick(training), ...(validated ? [pick(validation)] : [])], label,
    });
    const last = data.epochs[data.epochs.length - 1], first = data.epochs[0];
    const loss = pair("loss", "loss", "validationLoss"), accuracy = pair("accuracy", "accuracy", "validationAccuracy");
    const options = { xLabel: "epoch", incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] };
    section("curves", "Learning curves",
      el("p", { class: "faint" }, "Training values are of augmented clips while the model learns, so they may lie below those of validation."),
      el("div", { class: "pair" },
        chart("Loss", `Loss by epoch: training from ${fixed(first.loss)} to ${fixed(last.loss)}${validated ? `, validation from ${fixed(first.validationLoss)} to ${fixed(last.validationLoss)}` : ""}.`, { ...options, series: loss.series }, loss.values),
        first.accuracy === null ? null : chart("Accuracy", `Accuracy by epoch: training from ${fixed(first.accuracy)} to ${fixed(last.accuracy)}${validated ? `, validation from ${fixed(first.validationAccuracy)} to ${fixed(last.validationAccuracy)}` : ""}.`, { ...options, y: { range: [0, 1] }, series: accuracy.series }, accuracy.values)),
      el("details", {}, el("summary", {}, "Numbers of every epoch"), table(["epoch", "loss", "accuracy", "validation loss", "validation accuracy", "learning rate", "clips/s"],
        data.epochs.map(e => [String(e.number), fixed(e.loss, 4), fixed(e.accuracy), fixed(e.validationLoss, 4), fixed(e.validationAccuracy), e.learningRate.toExponential(1), fixed(e.clipsPerSecond, 1)]))));
  }

  function trials() {
    if (!data.trials.length) return;
    section("trials", "What was tried",
      data.findings.map(text => el("p", {}, text)),
      el("p", { class: "faint" }, "Every score is of videos that the model was not trained on (cross-validation). The lowest " + (numbers ? "squared error" : "log-loss") + " is taken, and within one standard error the simplest."),
      numbers ? table(["model", "R squared", "root mean squared error", "mean error", "videos", "seconds", "videos/s", "MB", "chosen for it"],
        data.trials.map(t => [t.isBest ? el("b", {}, `${t.name} (taken)`) : t.name, fixed(t.rSquared), number(t.rootMeanSquaredError), number(t.meanAbsoluteError),
          String(t.videos), fixed(t.seconds, 0), fixed(t.videosPerSecond, 1), t.bytes === null ? "–" : fixed(t.bytes / 1048576, 1), t.notScored || t.settings])) : table(["model", "log-loss", "over folds", "accuracy", "mean of classes", "videos", "seconds", "videos/s", "MB", "chosen for it"],
        data.trials.map(t => [t.isBest ? el("b", {}, `${t.name} (taken)`) : t.name, fixed(t.logLoss), t.deviation === null ? "–" : `±\u00a0${fixed(t.deviation)}`, percent(t.accuracy), percent(t.macroAccuracy),
          String(t.videos), fixed(t.seconds, 0), fixed(t.videosPerSecond, 1), t.bytes === null ? "–" : fixed(t.bytes / 1048576, 1), t.notScored || t.settings])),
      el("dl", { class: "facts" }, data.trials.map(t => [el("dt", {}, t.name), el("dd", {}, t.description)])));
  }

  function suspects() {
    if (!data.suspects.length) return;
    section("suspects", "Labels that look wrong",
      el("p", { class: "faint" }, "Models that were not trained on these training videos are surer of another class than of theirs. Some labels may be wrong, others right but hard. Look at them, the most certain first."),
      el("ul", { class: "clips" }, data.suspects.map(c => clip(c, true)))).classList.add("long");
  }

  function twins() {
    if (!data.twins.length) return;
    const heading = t => `Similarity ${fixed(t.similarity)}${t.isMirrored ? ", mirrored" : ""}${Math.abs(t.shift) < 0.02 ? "" : `, shifted by ${fixed(t.shift, 2)} s`}`;
    const side = (c, part) => {
      const item = clip(c, false);
      item.append(el("div", { class: "faint" }, `${part}${c.label < 0 ? "" : `, ${data.classes[c.label]}`}`));
      return item;
    };
    section("twins", "The same recording in several parts",
      el("p", { class: "warning" }, "What is measured on such videos is too good: the model has seen nearly the same ones. Keep them in one part; --group-column does that where a column says which videos belong together."),
      data.twinCount > data.twins.length ? el("p", {}, `${data.twins.length} of ${data.twinCount} pairs are shown; metrics.json has all of them.`) : null,
      data.twins.map(t => [el("h3", {}, heading(t)), el("ul", { class: "clips" }, side(t.first, t.parts[0]), side(t.second, t.parts[1]))])).classList.add("long");
  }

  function confusion() {
    const panel = el("div", { id: "cell", "aria-live": "polite" });
    let pressed = null;
    const show = (truth, predicted, button) => {
      if (pressed) pressed.setAttribute("aria-pressed", "false");
      (pressed = button).setAttribute("aria-pressed", "true");
      const clips = quality.clips.filter(c => c.label === truth && c.predicted === predicted).sort((a, b) => (a.strip ? 0 : 1) - (b.strip ? 0 : 1));
      const name = i => data.classes[i], pictured = clips.filter(c => c.strip), others = clips.filter(c => !c.strip);
      panel.replaceChildren(el("h3", {}, truth === predicted ? `${clips.length} × ${name(truth)}, recognised` : `${clips.length} × ${name(truth)}, taken for ${name(predicted)}`),
        el("ul", { class: "clips" }, pictured.map(c => clip(c, true))),
        others.length ? el("details", { open: !pictured.length }, el("summary", {}, `${others.length} more, without pictures`), el("ul", {}, others.map(c => el("li", {}, el("code", {}, c.path), ` ${percent(c.top[0].probability, 0)}`)))) : "");
    };
    const cellButton = (i, j, count, share) => {
      const button = el("button", { type: "button", "aria-pressed": "false", disabled: count === 0, "--share": share, "--cell": `var(${i === j ? "--right" : "--wrong"})`,
        "aria-label": `${count} of class ${data.classes[i]} predicted as ${data.classes[j]}`, onclick: () => show(i, j, button) }, String(count));
      return button;
    };
    let content;
    if (data.classes.length <= MATRIX_CLASSES) {
      content = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Confusion matrix" }, el("table", { class: "confusion" },
        el("thead", {}, el("tr", {}, el("td", {}), data.classes.map(c => el("th", { scope: "col" }, breakable(c))))),
        el("tbody", {}, quality.confusion.map((row, i) => el("tr", {}, el("th", { scope: "row" }, breakable(data.classes[i])),
          row.map((count, j) => el("td", {}, cellButton(i, j, count, count / Math.max(1, sum(row))))))))));
    } else {
      const pairs = quality.confusion.flatMap((row, i) => row.map((count, j) => [i, j, count])).filter(p => p[2] > 0 && p[0] !== p[1]).sort((a, b) => b[2] - a[2]).slice(0, PAIRS);
      content = table(["true class", "predicted", "videos"], pairs.map(([i, j, count]) => [data.classes[i], data.classes[j], cellButton(i, j, count, count / sum(quality.confusion[i]))]));
    }
    section("confusion", "Confusion", el("p", { class: "faint" }, "Rows are the true classes, columns what the model said. Choose a cell to see its videos."), content, panel).classList.add("long");
  }

  function classes() {
    const f1 = (p, r) => p && r ? 2 * p * r / (p + r) : p === null || r === null ? null : 0;
    section("classes", "Classes", table(["class", quality.set + " videos", "precision", "recall", "F1", ""], data.classes.map((name, i) => {
      const p = quality.precision[i], r = sum(quality.confusion[i]) ? quality.recall[i] : null;
      return [name, String(sum(quality.confusion[i])), fixed(p), fixed(r), fixed(f1(p, r)), bar(f1(p, r))];
    })));
  }

  function calibration() {
    const bins = quality.calibration, x = [0, ...bins.map(b => b.confidence), 1];
    section("calibration", "Calibration",
      el("p", {}, "How sure the model was, and how often it was right. On the dashed line, 80 % means right in 80 of 100 cases; below it, the model is too sure. " +
        `The mean distance from the line is ${percent(quality.calibrationError)}.`),
      el("div", { class: "pair" }, chart("Confidence and accuracy", `Calibration: ${bins.map(b => `${percent(b.confidence, 0)} sure, ${percent(b.accuracy, 0)} right`).join("; ")}.`,
        { xLabel: "confidence", x: { range: [0, 1] }, y: { range: [0, 1] }, series: [{ label: "ideal", stroke: "--faint", dash: [5, 5], width: 1, points: false }, { label: "accuracy", stroke: "--accent", points: true }] },
        [x, x, [null, ...bins.map(b => b.accuracy), null]]),
      table(["confidence", "accuracy", "videos"], bins.map(b => [percent(b.confidence), percent(b.accuracy), String(b.count)]))));
  }

  function mistakes() {
    const wrong = quality.clips.filter(c => c.label !== c.predicted).slice(0, MISTAKES);
    section("mistakes", "Most confident mistakes", wrong.length
      ? [el("p", { class: "faint" }, "Look here first: wrong labels and unclear classes show up at the top. The true class is bold."), el("ul", { class: "clips" }, wrong.map(c => clip(c, true)))]
      : el("p", {}, "There are none.")).classList.add("long");
  }

  function usage() {
    const copy = el("button", { type: "button", class: "copy", onclick: async () => {
      try {
        await navigator.clipboard.writeText(data.code);
        copy.textContent = "Copied";
      } catch {
        // Pages from a file may not write to the clipboard: the text is selected instead.
        getSelection().selectAllChildren(code);
        copy.textContent = "Selected: press Ctrl+C";
      }
    } }, "Copy");
    const code = el("code", {}, data.code);
    section("code", "How to use the model in C#", el("pre", { tabindex: "0" }, code), copy);
  }

  document.getElementById("subtitle").textContent = `${numbers ? "Numbers of videos" : data.task === "binary-classification" ? "A model of yes or no" : "A video classifier"}, trained with videomae. ${data.created}`;
  if (numbers) numbersOverview(); else overview();
  if (quality) { confusion(); mistakes(); classes(); }
  if (numbers && numbers.quality) { scatter(); farthest(); }
  trials();
  suspects();
  twins();
  curves();
  if (quality) calibration();
  if (numbers) numbersSet(); else dataSet();
  usage();
  section("settings", "Settings, speed and memory", el("div", { class: "pair" },
    el("div", {}, el("h3", {}, "Settings"), facts(data.settings),
      data.allSettings.length ? el("details", {}, el("summary", {}, "All options of the trainer"), facts(data.allSettings)) : null), el("div", {}, el("h3", {}, "Model"), facts(data.model), el("h3", {}, "Speed and memory"), facts(data.speed))));

  const theme = document.getElementById("theme"), pause = document.getElementById("pause");
  const setTheme = dark => {
    root.dataset.theme = dark ? "dark" : "light";
    theme.textContent = dark ? "Light" : "Dark";
    drawAll();
  };
  theme.addEventListener("click", () => setTheme(root.dataset.theme !== "dark"));
  const setStill = still => {
    root.classList.toggle("still", still);
    pause.setAttribute("aria-pressed", String(still));
    pause.textContent = still ? "Play clips" : "Pause clips";
  };
  pause.addEventListener("click", () => setStill(!root.classList.contains("still")));
  setStill(matchMedia("(prefers-reduced-motion: reduce)").matches);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches);
  dark.addEventListener("change", e => setTheme(e.matches));
  let width = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; drawAll(); } });
  let before = false;
  addEventListener("beforeprint", () => { before = root.dataset.theme === "dark"; setTheme(false); document.querySelectorAll("#data details").forEach(d => d.open = true); });
  addEventListener("afterprint", () => setTheme(before));
})();
