'use strict';
// Sends a dropped or chosen video to /predict and shows the answer. A new video ends the request for the one before.

const shown = 8;
const $ = id => document.getElementById(id);
let limit = Infinity;
let request = null;
let address = null;

fetch('limits').then(answer => answer.json()).then(limits => {
  limit = limits.bytes;
  $('limit').textContent = `(up to ${size(limit)})`;
});

$('file').addEventListener('change', event => event.target.files.length && classify(event.target.files[0]));
for (const type of ['dragenter', 'dragover'])
  $('drop').addEventListener(type, event => { event.preventDefault(); $('drop').classList.add('over'); });
for (const type of ['dragleave', 'drop'])
  $('drop').addEventListener(type, () => $('drop').classList.remove('over'));
// Beside the field, too: a browser would leave the page and play the video.
document.addEventListener('dragover', event => event.preventDefault());
document.addEventListener('drop', event => {
  event.preventDefault();
  if (event.dataTransfer.files.length)
    classify(event.dataTransfer.files[0]);
});

async function classify(file) {
  request?.abort();
  const current = request = new AbortController();
  $('name').textContent = `${file.name}, ${size(file.size)}`;
  preview(file);
  if (file.size > limit)
    return show('error', `The file has ${size(file.size)}; ${size(limit)} is the most that is taken.`);
  show('status', 'Watching it ...');
  const form = new FormData();
  form.append('video', file);
  const start = performance.now();
  try {
    const answer = await fetch('predict', { method: 'POST', body: form, signal: current.signal });
    const content = await answer.json();
    if (answer.ok)
      result(content, performance.now() - start);
    else
      show('error', content.detail ?? content.title);
  } catch (error) {
    if (!current.signal.aborted)
      show('error', `The service did not answer: ${error.message}`);
  }
}

function preview(file) {
  if (address)
    URL.revokeObjectURL(address);
  const video = $('preview');
  address = URL.createObjectURL(file);
  // Formats that the browser cannot play are classified all the same.
  video.hidden = true;
  $('invitation').hidden = false;
  video.onloadeddata = () => { video.hidden = false; $('invitation').hidden = true; video.play().catch(() => { }); };
  video.src = address;
}

function result(answer, milliseconds) {
  $('label').textContent = answer.label;
  $('scores').replaceChildren(...answer.scores.slice(0, shown).map(score => {
    const row = document.createElement('li');
    const percent = `${(100 * score.probability).toFixed(1)} %`;
    row.style.setProperty('--share', percent.replace(' ', ''));
    for (const text of [score.label, percent])
      row.append(Object.assign(document.createElement('span'), { textContent: text }));
    return row;
  }));
  const rest = answer.scores.length - shown;
  $('time').textContent = `${rest > 0 ? `${rest} less probable classes are not shown. ` : ''}Answered in ${(milliseconds / 1000).toFixed(1)} s.`;
  show('result');
}

function show(part, text) {
  for (const id of ['status', 'error', 'result'])
    $(id).hidden = id !== part;
  if (text !== undefined)
    $(part).textContent = text;
  $('answer').setAttribute('aria-busy', part === 'status');
}

function size(bytes) {
  return bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KB` : `${Math.round(bytes / (1 << 20))} MB`;
}
