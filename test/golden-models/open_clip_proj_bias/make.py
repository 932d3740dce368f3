"""Made the figures beside it: OpenCLIP's plain towers in PyTorch's own modules, with `proj_bias` and head widths of 16.

    /usr/bin/python3 make.py

Texts are `input_ids.json`, zero padding; weights are random, and exact in float16.
"""

import json
import os
import struct

import numpy as np
import torch
from torch import nn

os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.manual_seed(0)
torch.set_grad_enabled(False)
SIDE, PATCH, EMBED, CONTEXT = 32, 8, 24, 77
TEXT, VISION = dict(width=48, heads=3, layers=2), dict(width=64, heads=4, layers=2)
VOCABULARY = len(json.load(open("model/tokenizer.json"))["model"]["vocab"])


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)})

    def forward(self, x, mask=None):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp["c_proj"](nn.functional.gelu(self.mlp["c_fc"](self.ln_2(x))))


class Tower(nn.Module):
    def __init__(self, width, heads, layers):
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, heads) for _ in range(layers))

    def forward(self, x, mask=None):
        for block in self.resblocks:
            x = block(x, mask)
        return x


class Text(nn.Module):
    def __init__(self):
        super().__init__()
        self.token_embedding = nn.Embedding(VOCABULARY, TEXT["width"])
        self.positional_embedding = nn.Parameter(torch.zeros(CONTEXT, TEXT["width"]))
        self.transformer = Tower(**TEXT)
        self.ln_final = nn.LayerNorm(TEXT["width"])
        self.text_projection = nn.Linear(TEXT["width"], EMBED)

    def forward(self, ids):
        length = ids.shape[1]
        mask = torch.full((length, length), float("-inf")).triu(1)
        x = self.ln_final(self.transformer(self.token_embedding(ids) + self.positional_embedding[:length], mask))
        return self.text_projection(x[torch.arange(len(ids)), ids.argmax(1)])


class Vision(nn.Module):
    def __init__(self):
        super().__init__()
        width = VISION["width"]
        self.conv1 = nn.Conv2d(3, width, PATCH, PATCH, bias=False)
        self.class_embedding = nn.Parameter(torch.zeros(width))
        self.positional_embedding = nn.Parameter(torch.zeros((SIDE // PATCH) ** 2 + 1, width))
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.transformer = Tower(**VISION)
        self.proj = nn.Parameter(torch.zeros(width, EMBED))

    def forward(self, pixels):
        x = self.conv1(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(len(x), 1, -1), x], 1) + self.positional_embedding
        return self.ln_post(self.transformer(self.ln_pre(x)))[:, 0] @ self.proj


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.text, self.visual = Text(), Vision()
        self.logit_scale = nn.Parameter(torch.ones([]))


model = Model().eval()
for name, weight in model.named_parameters():
    around = 1 if ".ln_" in name and name.endswith("weight") else 0
    weight.copy_((around + torch.randn_like(weight) * (0.1 if around or weight.ndim < 2 else weight.shape[-1] ** -0.5)).half())
header, blobs, offset = {}, [], 0
for name, weight in sorted(model.named_parameters()):
    blobs.append(weight.half().numpy().tobytes())
    header[name] = {"dtype": "F16", "shape": list(weight.shape), "data_offsets": [offset, offset + len(blobs[-1])]}
    offset += len(blobs[-1])
text = json.dumps(header).encode()
with open("model/open_clip_model.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
config = {
    "model_cfg": {
        "embed_dim": EMBED, "custom_text": True,
        "vision_cfg": {"image_size": SIDE, "patch_size": PATCH, "layers": VISION["layers"], "width": VISION["width"],
                       "head_width": VISION["width"] // VISION["heads"]},
        "text_cfg": {"context_length": CONTEXT, "vocab_size": VOCABULARY, "proj_bias": True, **TEXT},
    },
    "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
}
json.dump(config, open("model/open_clip_config.json", "w"), indent=1)


def save(name, tensor):
    np.save(name + ".npy", tensor.detach().numpy().astype(np.float32))


rows = json.load(open("input_ids.json"))
ids = torch.tensor([row + [0] * (max(map(len, rows)) - len(row)) for row in rows])
pixels = torch.randn(3, 3, SIDE, SIDE).half().float()
a, b = torch.randn(TEXT["width"]), torch.randn(TEXT["width"])
save("text_embeddings", model.text(ids))
save("pixel_values", pixels)
save("image_embeddings", model.visual(pixels))
save("concept_A", a)
save("concept_B", b)
values = model.text.transformer.resblocks[-1].attn.in_proj_weight[2 * TEXT["width"] :]
values += b[:, None] * a
save("update_one", model.text(ids))
