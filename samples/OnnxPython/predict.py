"""Classifies videos in Python with nothing but ONNX Runtime: the model has the processor inside, and ffmpeg reads the frames.

    videomae convert actions.zip --output actions.onnx --onnx-input Frames
    pip install -r samples/OnnxPython/requirements.txt
    python samples/OnnxPython/predict.py actions.onnx clip.mp4
"""
import json
import re
import subprocess
import sys


def read(video, side=None):
    """All frames of a video as RGB, [T, H, W, 3], turned as a player turns them; pixels get their true shape.

    Frames whose shorter side is longer than `side` are made smaller.
    """
    import numpy

    filters = "scale=round(iw*sar):ih,setsar=1"
    if side is not None:
        # The longer side is -1: what keeps the shape.
        filters += f",scale='if(gt(iw,ih),-1,min({side},iw))':'if(gt(iw,ih),min({side},ih),-1)'"
    data = run("ffmpeg", "-v", "error", "-i", video, "-map", "0:v:0", "-fps_mode", "passthrough",
               "-vf", filters, "-f", "image2pipe", "-c:v", "ppm", "-")
    frames, at = [], 0
    while at < len(data):
        # Each frame has three lines of text before its pixels: P6, its size, and 255.
        head = re.match(rb"P6\s(\d+) (\d+)\s255\s", data[at:at + 40])
        width, height = int(head[1]), int(head[2])
        at += head.end()
        frames.append(numpy.frombuffer(data, numpy.uint8, width * height * 3, at).reshape(height, width, 3))
        at += width * height * 3
    if not frames:
        raise SystemExit(f"'{video}' has no frames that ffmpeg can read.")
    return numpy.stack(frames)


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def sample(sampling, count):
    """Which frames make a clip: the middle of each of equal parts, or the first; or pairs of neighbours."""
    import numpy

    match = re.fullmatch(r"pairs\((\d+)\)", sampling)
    if match:
        pairs = min(int(match[1]), count - 1)
        first = [(2 * i + 1) * (count - 1) // (2 * pairs) for i in range(pairs)]
        return [frame for i in first for frame in (i, i + 1)] or [0, 0]  # One frame alone does not move.
    match = re.fullmatch(r"uniform\((\d+)(,start)?(?:,regular)?\)", sampling)
    if not match:
        raise SystemExit(f"The frames of this model are sampled as {sampling}; this sample knows uniform and pairs.")
    parts = int(match[1])
    if match[2]:
        return [min(int(numpy.float32(i * (count / parts))), count - 1) for i in range(parts)]
    return [(2 * i + 1) * count // (2 * parts) for i in range(parts)]


def main(path, videos):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    labels = json.loads(metadata["labels"])
    names = [taken.name for taken in session.get_inputs()]
    if names != ["frames"]:
        raise SystemExit(f"This sample gives a model its frames, and '{path}' takes {', '.join(names)}. "
                         "Convert a transformer with --onnx-input Frames; an average of several models needs more than this sample.")
    side = json.loads(metadata.get("inputs", "[{}]"))[0].get("max_short_side")
    for video in videos:
        frames = read(video, side)
        clip = frames[sample(metadata["frame_sampling"], len(frames))][None]  # [1, T, H, W, 3]
        probabilities = session.run(["probabilities"], {"frames": clip})[0][0]
        ranked = sorted(zip(labels, probabilities), key=lambda pair: -pair[1])
        print(f"{video}: {ranked[0][0]}")
        for label, probability in ranked:
            print(f"  {label:<20} {probability:.6f}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit("Usage: predict.py MODEL.onnx VIDEO...")
    main(sys.argv[1], sys.argv[2:])
