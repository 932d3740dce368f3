"""Blends the weights before and after the second stage: part of what that stage taught, little of what it cost.

    /usr/bin/python3 tools/toybox/blend.py <folder of the first stage's model> <folder of the refined model> 0.8

Every weight w of the refined model becomes (1 - t) * first + t * w, t being the last argument. Between a model and
what it was refined to, such means are often better than both ends: Wortsman et al., "Robust fine-tuning of zero-shot
models", CVPR 2022, arXiv 2109.01903.
"""

import os
import struct
import sys

import numpy as np

folders, t = sys.argv[1:3], float(sys.argv[3])
first, refined = (open(os.path.join(folder, "model.safetensors"), "rb").read() for folder in folders)
start = 8 + struct.unpack("<Q", refined[:8])[0]
assert first[:start] == refined[:start], "the two models have different tensors"
a, b = (np.frombuffer(data[start:], np.float16).astype(np.float32) for data in (first, refined))
file = os.path.join(folders[1], "model.safetensors")
with open(file + ".part", "wb") as f:
    f.write(refined[:start] + ((1 - t) * a + t * b).astype(np.float16).tobytes())
os.replace(file + ".part", file)
