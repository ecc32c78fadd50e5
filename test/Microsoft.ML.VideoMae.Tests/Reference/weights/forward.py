"""The tokens of the shipped weights, computed with numpy alone: what the library's own code is compared with.

    python3 forward.py MODEL.safetensors GOLDEN.safetensors [OUTPUT.safetensors]

Reads 'frames' of the golden file. Prints how far its 'tokens' are from these, or writes a file with these in their place.
It was written from the description of the architecture, not from the library. With the weights that cpu-motion went on from, it gives the
tokens that PyTorch recorded in 32 bits, to 2e-4 of at most 4.
"""
import json
import math
import struct
import sys

import numpy

TYPES = {"F16": numpy.float16, "F32": numpy.float32, "U8": numpy.uint8}
BLOCKS, WIDTH, HEADS, TUBELET, PATCH, EPSILON = 6, 192, 6, 4, 8, 1e-5
erf = numpy.vectorize(math.erf, otypes=[numpy.float64])


def load(path):
    with open(path, "rb") as file:
        data = file.read()
    length, = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, told in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            start, end = told["data_offsets"]
            values = numpy.frombuffer(data[8 + length + start:8 + length + end], TYPES[told["dtype"]])
            tensors[name] = values.reshape(told["shape"])
    return tensors


def save(path, tensors):
    names = {numpy.dtype(t): name for name, t in TYPES.items()}
    header, data = {}, b""
    for name, values in tensors.items():
        values = numpy.ascontiguousarray(values)
        header[name] = {"dtype": names[values.dtype], "shape": values.shape, "data_offsets": [len(data), len(data) + values.nbytes]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def positions(times, rows, columns):
    """Time, row and column have a third of the columns each; of each third, even ones are sines and odd ones cosines."""
    third = WIDTH // 3
    place = numpy.stack(numpy.meshgrid(range(times), range(rows), range(columns), indexing="ij"), -1).reshape(-1, 3)  # [N, 3]
    k = numpy.arange(third)
    angles = place[:, :, None] * 100.0 ** (-2 * (k // 2) / third)                   # [N, 3, D / 3]
    return numpy.where(k % 2 == 0, numpy.sin(angles), numpy.cos(angles)).reshape(len(place), WIDTH)


def tokens(weights, frames):
    """[B, T, 3, H, W] of bytes to [B, N, D]."""
    w = {name.removeprefix("videomae."): values.astype(numpy.float64) for name, values in weights.items()}
    kernel = w["embeddings.patch_embeddings.projection.weight"]                     # [D, C, t, h, w]
    pixels = (frames / 255 - 0.45) / 0.225
    if kernel.shape[1] == 6:
        pixels = numpy.concatenate([pixels, pixels - pixels.mean(1, keepdims=True)], 2)
    b, t, c, h, _ = pixels.shape
    cut = pixels.reshape(b, t // TUBELET, TUBELET, c, h // PATCH, PATCH, h // PATCH, PATCH).transpose(0, 1, 4, 6, 3, 2, 5, 7)
    x = cut.reshape(b, -1, kernel[0].size) @ kernel.reshape(WIDTH, -1).T + w["embeddings.patch_embeddings.projection.bias"]
    x = x + positions(t // TUBELET, h // PATCH, h // PATCH)
    for i in range(BLOCKS):
        name = f"encoder.layer.{i}."
        x = x + attend(w, name + "attention.", norm(w, name + "layernorm_before", x))
        hidden = linear(w, name + "intermediate.dense", norm(w, name + "layernorm_after", x))
        x = x + linear(w, name + "output.dense", hidden * (1 + erf(hidden / math.sqrt(2))) / 2)
    return norm(w, "layernorm", x)


def attend(w, name, x):
    def split(values):
        return values.reshape(*values.shape[:2], HEADS, -1).swapaxes(1, 2)          # [B, heads, N, d]

    inner = name + "attention."
    query = split(x @ w[inner + "query.weight"].T + w[inner + "q_bias"])
    key = split(x @ w[inner + "key.weight"].T)                                      # VideoMAE's keys have no bias.
    value = split(x @ w[inner + "value.weight"].T + w[inner + "v_bias"])
    scores = query @ key.swapaxes(2, 3) / math.sqrt(query.shape[-1])
    scores = numpy.exp(scores - scores.max(-1, keepdims=True))
    joined = (scores / scores.sum(-1, keepdims=True) @ value).swapaxes(1, 2).reshape(x.shape)
    return linear(w, name + "output.dense", joined)


def linear(w, name, x):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def norm(w, name, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred / numpy.sqrt((centred ** 2).mean(-1, keepdims=True) + EPSILON) * w[name + ".weight"] + w[name + ".bias"]


def main(model, golden, output=None):
    recorded = load(golden)
    computed = tokens(load(model), recorded["frames"])[:, ::16]                     # [2, 16, D]
    if output:
        save(output, {**recorded, "tokens": computed.astype(numpy.float32)})
    else:
        print(abs(computed - recorded["tokens"]).max(), "of", abs(computed).max())


main(*sys.argv[1:])
