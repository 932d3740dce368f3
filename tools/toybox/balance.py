"""Makes the published regularisation weights fit Toybox, without changing what it says: the last stage.

    /usr/bin/python3 tools/toybox/balance.py models/toybox 10

POLAR adds to the value projection of the text tower's last layer and holds its update small with a weight made for
the scale that this matrix has in OpenAI's models. A model's own scale is arbitrary there: values divided by a number
and the output projection multiplied by it give the same embeddings. This does so.
"""

import json
import os
import re
import struct
import sys

import numpy as np

folder, factor = sys.argv[1], float(sys.argv[2])
file = os.path.join(folder, "model.safetensors")
data = bytearray(open(file, "rb").read())
length = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8 : 8 + length])
layer = "text_model.encoder.layers."
last = max(int(re.match(re.escape(layer) + r"(\d+)", name)[1]) for name in header if name.startswith(layer))
for part, scale in (("v_proj.weight", 1 / factor), ("v_proj.bias", 1 / factor), ("out_proj.weight", factor)):
    first, end = (8 + length + offset for offset in header[f"{layer}{last}.self_attn.{part}"]["data_offsets"])
    values = np.frombuffer(data[first:end], np.float16).astype(np.float32) * scale
    assert np.abs(values).max() < 60000
    data[first:end] = values.astype(np.float16).tobytes()
with open(file + ".part", "wb") as f:
    f.write(data)
os.replace(file + ".part", file)
