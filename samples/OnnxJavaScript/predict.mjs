// Classifies videos in Node.js, without .NET and without Python: ONNX Runtime has the model, with the processor inside, and ffmpeg reads
// the frames. onnxruntime-web takes the same model: in a browser, frames come from a <video> through a canvas.
//
//   videomae convert actions.zip --to huggingface --output actions
//   videomae convert actions.zip --output actions/onnx/model.onnx --onnx-input Frames
//   cd samples/OnnxJavaScript && npm install --ignore-scripts
//   node predict.mjs ../../actions clip.mp4
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ort from 'onnxruntime-node';

const [folder, ...videos] = process.argv.slice(2);
if (!folder || videos.length === 0) {
  console.error('Usage: node predict.mjs FOLDER VIDEO...');
  process.exit(2);
}

const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
const processor = JSON.parse(readFileSync(join(folder, 'preprocessor_config.json'), 'utf8'));
const labels = Object.entries(config.id2label).sort(([a], [b]) => a - b).map(([, label]) => label);
const session = await ort.InferenceSession.create(join(folder, 'onnx', 'model.onnx'));

for (const video of videos) {
  const { frames, width, height } = read(video);
  const chosen = sample(processor.frame_sampling ?? `uniform(${config.num_frames})`, frames.length);
  const pixels = new Uint8Array(Buffer.concat(chosen.map((index) => frames[index]))); // [1, T, H, W, 3]
  const input = new ort.Tensor('uint8', pixels, [1, chosen.length, height, width, 3]);
  const { probabilities } = await session.run({ frames: input }, ['probabilities']);
  const ranked = labels.map((label, i) => [label, probabilities.data[i]]).sort((a, b) => b[1] - a[1]);
  console.log(`${video}: ${ranked[0][0]}`);
  for (const [label, probability] of ranked) console.log(`  ${label.padEnd(20)} ${probability.toFixed(6)}`);
}

// All frames of a video as RGB, turned as a player turns them; pixels that are not square get their true shape.
function read(video) {
  const bytes = run('ffmpeg', ['-v', 'error', '-i', video, '-map', '0:v:0', '-fps_mode', 'passthrough',
    '-vf', 'scale=round(iw*sar):ih,setsar=1', '-f', 'image2pipe', '-c:v', 'ppm', '-']);
  const frames = [];
  let width, height;
  for (let at = 0; at < bytes.length; ) {
    // Each frame has three lines of text before its pixels: P6, its size, and 255.
    const [head, x, y] = /^P6\s(\d+) (\d+)\s255\s/.exec(bytes.toString('latin1', at, at + 40));
    [width, height] = [Number(x), Number(y)];
    at += head.length + width * height * 3;
    frames.push(bytes.subarray(at - width * height * 3, at));
  }

  if (frames.length === 0) throw new Error(`'${video}' has no frames that ffmpeg can read.`);
  return { frames, width, height };
}

function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { maxBuffer: 2 ** 31 - 1 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout;
}

// Which frames make a clip: the middle of each of equal parts, or the first.
function sample(sampling, count) {
  const [, number, start] = /^uniform\((\d+)(,start)?(?:,regular)?\)$/.exec(sampling) ?? [];
  if (!number) throw new Error(`The frames of this model are sampled as ${sampling}; this sample knows only uniform.`);
  const parts = Number(number);
  return Array.from({ length: parts }, (_, i) => start
    ? Math.min(Math.trunc(Math.fround(i * (count / parts))), count - 1)
    : Math.floor(((2 * i + 1) * count) / (2 * parts)));
}
