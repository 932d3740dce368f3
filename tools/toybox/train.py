"""Trains Toybox, a small standard CLIP, on scenes of make-training.ts, and writes it in Hugging Face layout.

    /usr/bin/python3 tools/toybox/train.py .tmp/toybox models/toybox --steps 6000 --decay 1500

The loss is CLIP's contrastive loss, and beside it a lesson that is thrown away afterwards: every patch says which
thing, colour and pattern it lies on. Of the 64 patches a step sees 32 (those of things first), which is what makes a
CPU enough; the decay at the end sees all of them. The learning rate rises, stays, and falls over the last steps, so
that a run can go on from `state.pt`. Master weights are float32; arithmetic is in bfloat16 on a CPU that has it (30
times slower than float32 on one that has not) and on a GPU, which is used where there is one, else in float32.
"""

import argparse
import copy
import glob
import json
import math
import os
import struct
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

SIDE, PATCH, WIDTH, HEADS, LAYERS = 80, 10, 192, 3, 6
TEXT_WIDTH, TEXT_HEADS, TEXT_LAYERS, CONTEXT, PROJECTION = 192, 3, 4, 77, 192
GRID = SIDE // PATCH
LESSON_LAYER = 4  # patches answer after this layer; the last two are free to gather for the class token
KEPT = 32
LONGEST, CAPTIONS = 40, 3
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
COLOURS, PATTERNS = 10, 4
HAS_GPU = torch.cuda.is_available()
NUMBER = torch.bfloat16 if HAS_GPU or "bf16" in open("/proc/cpuinfo").read() else torch.float32
if HAS_GPU:
    torch.set_default_device("cuda")


def tensor_of(array):
    """The array as a tensor where the arithmetic happens."""
    return torch.from_numpy(array).cuda() if HAS_GPU else torch.from_numpy(array)


class Layer(nn.Module):
    def __init__(self, width, heads, gelu="none", epsilon=1e-5):
        super().__init__()
        self.heads, self.gelu = heads, gelu
        self.layer_norm1 = nn.LayerNorm(width, epsilon)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.layer_norm2 = nn.LayerNorm(width, epsilon)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x, mask=None):
        b, t, d = x.shape
        self.normed = self.layer_norm1(x)  # this and the attention are what align.py looks at
        q, k, v = self.qkv(self.normed).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        scores = torch.matmul(q * (d // self.heads) ** -0.5, k.transpose(-1, -2))
        if mask is not None:
            scores = scores + mask
        self.attention = scores.softmax(-1)
        mixed = torch.matmul(self.attention, v).transpose(1, 2).reshape(b, t, d)
        x = x + self.out(mixed)
        return x + self.fc2(F.gelu(self.fc1(self.layer_norm2(x)), approximate=self.gelu))


class Toybox(nn.Module):
    first_word = 1  # behind the begin of text

    def __init__(self, vocabulary, things):
        super().__init__()
        self.patch = nn.Linear(3 * PATCH * PATCH, WIDTH, bias=False)
        self.cls = nn.Parameter(torch.randn(WIDTH) * 0.02)
        self.positions = nn.Parameter(torch.randn(GRID * GRID + 1, WIDTH) * 0.02)
        self.pre = nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList(Layer(WIDTH, HEADS) for _ in range(LAYERS))
        self.post = nn.LayerNorm(WIDTH)
        self.visual_projection = nn.Linear(WIDTH, PROJECTION, bias=False)
        self.tokens = nn.Parameter(torch.randn(vocabulary, TEXT_WIDTH) * 0.02)
        self.text_positions = nn.Parameter(torch.randn(CONTEXT, TEXT_WIDTH) * 0.01)
        self.text_layers = nn.ModuleList(Layer(TEXT_WIDTH, TEXT_HEADS) for _ in range(TEXT_LAYERS))
        self.final = nn.LayerNorm(TEXT_WIDTH)
        self.text_projection = nn.Linear(TEXT_WIDTH, PROJECTION, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        self.lesson_norm = nn.LayerNorm(WIDTH)
        self.lesson = nn.Linear(WIDTH, things + 1 + COLOURS + PATTERNS)
        start_weights(self)

    def image(self, patches, kept):
        b = patches.shape[0]
        patches = patches.to(self.cls.dtype)
        positions = self.positions[1:].expand(b, -1, -1)
        if kept is not None:
            patches = patches.gather(1, kept[:, :, None].expand(-1, -1, patches.shape[2]))
            positions = positions.gather(1, kept[:, :, None].expand(-1, -1, WIDTH))
        x = self.patch(patches) + positions
        x = torch.cat([(self.cls + self.positions[0]).expand(b, 1, WIDTH), x], 1)
        x = self.pre(x)
        lesson = None
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index + 1 == LESSON_LAYER:
                lesson = self.lesson(self.lesson_norm(x[:, 1:]))
        return self.visual_projection(self.post(x[:, 0])).float(), lesson

    def text(self, ids, ends):
        length = ids.shape[1]
        x = self.tokens[ids] + self.text_positions[:length]
        mask = torch.full((length, length), -1e4, dtype=x.dtype).triu(1)
        for layer in self.text_layers:
            x = layer(x, mask)
        return self.text_projection(self.final(x[torch.arange(len(ids)), ends])).float()

    def pick_texts(self, ids):
        """The ids cut to the longest text, and where each text ends."""
        ids = tensor_of(ids.astype(np.int64))
        lengths = (ids >= 0).sum(1)
        return ids.clamp(min=0)[:, : int(lengths.max())], lengths - 1

    def read_at(self, ends):
        """The position of each text that becomes its embedding."""
        return ends

    def tensors(self):
        """The parameters under their names in Hugging Face's layout; parts of the qkv matrices are views."""
        return {
            "logit_scale": self.logit_scale,
            "vision_model.embeddings.class_embedding": self.cls,
            "vision_model.embeddings.patch_embedding.weight": self.patch.weight.view(WIDTH, 3, PATCH, PATCH),
            "vision_model.embeddings.position_embedding.weight": self.positions,
            **both("vision_model.pre_layrnorm", self.pre),
            **layer_tensors("vision_model", self.layers),
            **both("vision_model.post_layernorm", self.post),
            "visual_projection.weight": self.visual_projection.weight,
            "text_model.embeddings.token_embedding.weight": self.tokens,
            "text_model.embeddings.position_embedding.weight": self.text_positions,
            **layer_tensors("text_model", self.text_layers),
            **both("text_model.final_layer_norm", self.final),
            "text_projection.weight": self.text_projection.weight,
        }

    def configs(self, vocabulary):
        """config.json and preprocessor_config.json; `vocabulary` is token -> id."""
        common = {"hidden_act": "gelu", "layer_norm_eps": 1e-5, "projection_dim": PROJECTION}
        config = {
            "architectures": ["CLIPModel"],
            "model_type": "clip",
            "projection_dim": PROJECTION,
            "logit_scale_init_value": 2.6592,
            "text_config": {
                "model_type": "clip_text_model", "vocab_size": len(vocabulary), "hidden_size": TEXT_WIDTH,
                "intermediate_size": 4 * TEXT_WIDTH, "num_hidden_layers": TEXT_LAYERS, "num_attention_heads": TEXT_HEADS,
                "max_position_embeddings": CONTEXT, "bos_token_id": vocabulary["<|startoftext|>"],
                "eos_token_id": vocabulary["<|endoftext|>"], "pad_token_id": vocabulary["<|endoftext|>"], **common,
            },
            "vision_config": {
                "model_type": "clip_vision_model", "hidden_size": WIDTH, "intermediate_size": 4 * WIDTH,
                "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "image_size": SIDE, "patch_size": PATCH,
                "num_channels": 3, **common,
            },
        }
        preprocessor = {
            "crop_size": {"height": SIDE, "width": SIDE}, "do_center_crop": True, "do_convert_rgb": True,
            "do_normalize": True, "do_rescale": True, "do_resize": True, "feature_extractor_type": "CLIPFeatureExtractor",
            "image_mean": list(MEAN), "image_std": list(STD), "resample": 3, "rescale_factor": 1 / 255,
            "size": {"shortest_edge": SIDE},
        }
        return config, preprocessor


def start_weights(model):
    """The weights that a training starts from, those with a start of their own aside."""
    for name, weight in model.named_parameters():
        if name.endswith(("qkv.weight", "fc1.weight", "patch.weight", "projection.weight", "lesson.weight")):
            nn.init.normal_(weight, std=0.035)
        elif name.endswith(("out.weight", "fc2.weight")):
            nn.init.normal_(weight, std=0.015)
        elif name.endswith(("qkv.bias", "out.bias", "fc1.bias", "fc2.bias", "lesson.bias", "projection.bias", "patch.bias")):
            nn.init.zeros_(weight)


def both(prefix, module):
    """A module's weight and bias under their names."""
    return {prefix + ".weight": module.weight, prefix + ".bias": module.bias}


def layer_tensors(prefix, layers):
    """The layers of a tower under their names."""
    tensors = {}
    for index, layer in enumerate(layers):
        at = f"{prefix}.encoder.layers.{index}"
        tensors.update(both(at + ".layer_norm1", layer.layer_norm1))
        tensors.update(both(at + ".layer_norm2", layer.layer_norm2))
        for name, weight, bias in zip(("q_proj", "k_proj", "v_proj"), layer.qkv.weight.chunk(3), layer.qkv.bias.chunk(3)):
            tensors[f"{at}.self_attn.{name}.weight"], tensors[f"{at}.self_attn.{name}.bias"] = weight, bias
        tensors.update(both(at + ".self_attn.out_proj", layer.out))
        tensors.update(both(at + ".mlp.fc1", layer.fc1))
        tensors.update(both(at + ".mlp.fc2", layer.fc2))
    return tensors


class Scenes:
    """All chunks of a folder, pictures left on the disk."""

    def __init__(self, folder, pattern):
        names = sorted(file[:-5] for file in glob.glob(os.path.join(folder, pattern + ".done")))
        self.pictures, self.ids, labels, self.things = [], [], [], []
        for name in names:
            lines = [json.loads(line)["things"] for line in open(name + ".jsonl")]
            self.pictures.append(np.memmap(name + ".u8", np.uint8, "r").reshape(-1, SIDE, SIDE, 3))
            self.ids.append(np.fromfile(name + ".ids", np.int16).reshape(-1, CAPTIONS, LONGEST))
            labels.append(patch_labels(lines))
            self.things += [{thing for thing, *_ in things} for things in lines]
        self.sizes = [len(chunk) for chunk in self.pictures]
        self.labels = np.concatenate(labels)
        self.ids = np.concatenate(self.ids)
        self.count = len(self.ids)

    def picture(self, index):
        for pictures, size in zip(self.pictures, self.sizes):
            if index < size:
                return pictures[index]
            index -= size


def patch_labels(scenes):
    """[N, patches, 3]: thing (0 none), colour and pattern under the middle of each patch."""
    labels = np.zeros((len(scenes), GRID * GRID, 3), np.int16)
    y, x = np.divmod(np.arange(GRID * GRID), GRID)
    x, y = (x + 0.5) / GRID, (y + 0.5) / GRID
    for scene, things in enumerate(scenes):
        for thing, cx, cy, size, colour, pattern in things:
            inside = (abs(x - cx) < 0.42 * size) & (abs(y - cy) < 0.42 * size)
            labels[scene, inside] = (thing + 1, colour, pattern)
    return labels


def patches_of(pictures, light=1.0, lift=0.0):
    """Bytes [B, side, side, 3] -> normalised patches [B, patches, 3 * patch * patch] in the convolution's
    order; `light` [B, 1, 3] multiplies and `lift` [B, 1, 1] adds, both of the pictures from 0 to 1."""
    b = len(pictures)
    x = pictures.view(b, GRID, PATCH, GRID, PATCH, 3).permute(0, 1, 3, 5, 2, 4).reshape(b, GRID * GRID, -1)
    scale = (light / 255 / torch.tensor(STD)).expand(b, 1, 3).repeat_interleave(PATCH * PATCH, 2)
    shift = ((lift - torch.tensor(MEAN)) / torch.tensor(STD)).expand(b, 1, 3).repeat_interleave(PATCH * PATCH, 2)
    return torch.addcmul(shift.to(NUMBER), x.to(NUMBER), scale.to(NUMBER))


def copy_weights(master, model):
    """Gives the model of the arithmetic the master's weights of today, and no gradient."""
    with torch.no_grad():
        for p16, p32 in zip(model.parameters(), master.parameters()):
            p16.copy_(p32)
            p16.grad = None


def copy_gradients(model, master):
    """Gives the master the gradients that the arithmetic found."""
    for p16, p32 in zip(model.parameters(), master.parameters()):
        p32.grad = None if p16.grad is None else p16.grad.float()


def adam_of(parameters, rate):
    """AdamW as every stage uses it: matrices decay, biases and norms do not."""
    parameters = list(parameters)
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": 0.05},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), eps=1e-6)


def contrastive(logits):
    """CLIP's loss: each image's text among all texts and each text's image among all images, [B, B] with pairs on the diagonal."""
    target = torch.arange(len(logits))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def encode_scenes(model, scenes):
    """Unit features of all pictures, in order."""
    images = []
    with torch.no_grad():
        for at in range(0, scenes.count, 250):
            batch = range(at, min(scenes.count, at + 250))
            pictures = tensor_of(np.stack([scenes.picture(i) for i in batch]))
            images.append(F.normalize(model.image(patches_of(pictures), None)[0]))
    return torch.cat(images)


def texts_of(model, ids):
    """Unit features of texts, in the order given."""
    with torch.no_grad():
        return torch.cat([F.normalize(model.text(*model.pick_texts(ids[at : at + 500]))) for at in range(0, len(ids), 500)])


def rate(step, options):
    if step < options.warmup:
        return options.rate * (step + 1) / options.warmup
    left = options.steps - step
    return options.rate * min(1.0, 0.01 + 0.99 * left / options.decay)


def recall(model, scenes):
    """Text to image recall at 1 and 10 over all scenes, each with its first caption."""
    images, texts = encode_scenes(model, scenes), texts_of(model, scenes.ids[:, 0])
    similarity = texts @ images.T
    rank = (similarity > similarity.diagonal()[:, None]).sum(1)
    return float((rank < 1).float().mean()), float((rank < 10).float().mean())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--decay", type=int, default=1500)
    parser.add_argument("--full", type=int, default=500, help="last steps that see every patch")
    parser.add_argument("--warmup", type=int, default=300)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=8e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    world = json.load(open(os.path.join(options.out, "..", "toybox-world", "world.json")))
    tokenizer = json.load(open(os.path.join(options.out, "tokenizer.json")))
    vocabulary = len(tokenizer["model"]["vocab"])
    master = Toybox(vocabulary, len(world["things"]))
    model = copy.deepcopy(master).to(NUMBER)
    adam = adam_of(master.parameters(), options.rate)
    state_file = os.path.join(options.data, "state.pt")
    step, spent = 0, 0.0
    if os.path.exists(state_file):
        state = torch.load(state_file)
        master.load_state_dict(state["model"])
        adam.load_state_dict(state["adam"])
        step, spent = state["step"], state["spent"]
    scenes, unseen = Scenes(options.data, "s*"), Scenes(options.data, "val")
    cells = scenes.labels[:, :, 0] > 0
    print(f"{scenes.count} scenes, {unseen.count} unseen, {sum(p.numel() for p in master.parameters())} parameters; {' '.join(sys.argv[1:])}", flush=True)

    shown = np.zeros(3)
    while step < options.steps:
        began = time.process_time()
        # Every step draws its own batch from its own generator, so that a run that goes on is the run that never stopped.
        random = np.random.default_rng((options.seed, step))
        batch = np.sort(random.choice(scenes.count, options.batch, replace=False))
        pictures = tensor_of(np.stack([scenes.picture(i) for i in batch]))
        dx, dy = random.integers(-4, 5, 2)
        pictures = torch.roll(pictures, (int(dy), int(dx)), (1, 2))
        light = tensor_of(random.uniform(0.9, 1.1, (options.batch, 1, 3)).astype(np.float32))
        lift = tensor_of(random.uniform(-0.05, 0.05, (options.batch, 1, 1)).astype(np.float32))
        patches = patches_of(pictures, light, lift)
        labels = tensor_of(scenes.labels[batch].astype(np.int64))
        kept = None
        if step < options.steps - options.full:
            wanted = random.random((options.batch, GRID * GRID)) - 0.8 * cells[batch]
            kept = tensor_of(np.sort(np.argsort(wanted, 1)[:, :KEPT], 1))
            labels = labels.gather(1, kept[:, :, None].expand(-1, -1, 3))
        ids = scenes.ids[batch, random.integers(0, CAPTIONS, options.batch)]

        for group in adam.param_groups:
            group["lr"] = rate(step, options)
        copy_weights(master, model)
        images, lesson = model.image(patches, kept)
        texts = model.text(*model.pick_texts(ids))
        logits = model.logit_scale.float().exp() * F.normalize(images) @ F.normalize(texts).T
        contrast = contrastive(logits)
        answers = lesson.float().flatten(0, 1)
        which, colour, pattern = labels.flatten(0, 1).unbind(1)
        on = which > 0
        split = [answers.shape[1] - COLOURS - PATTERNS, COLOURS, PATTERNS]
        said = answers.split(split, 1)
        # Patches beside things teach little: they count a tenth.
        weights = torch.ones(split[0])
        weights[0] = 0.1
        patch_loss = F.cross_entropy(said[0], which, weights)
        look_loss = F.cross_entropy(said[1][on], colour[on]) + F.cross_entropy(said[2][on], pattern[on])
        loss = contrast + 0.5 * patch_loss + 0.25 * look_loss
        loss.backward()
        copy_gradients(model, master)
        torch.nn.utils.clip_grad_norm_(master.parameters(), 1.0)
        adam.step()
        with torch.no_grad():
            master.logit_scale.clamp_(max=math.log(100))
        shown += (contrast.item(), patch_loss.item(), look_loss.item())
        step += 1
        spent += time.process_time() - began
        if step % 50 == 0:
            print(f"{step} " + " ".join(f"{v / 50:.4f}" for v in shown) + f" scale {master.logit_scale.exp():.1f} {spent / 60:.1f} min", flush=True)
            shown[:] = 0
        if step % 500 == 0 or step == options.steps:
            model.load_state_dict(master.state_dict())
            at1, at10 = recall(model, unseen)
            print(f"{step} recall@1 {at1:.3f} recall@10 {at10:.3f} after {spent / 60:.1f} min of the CPU", flush=True)
            torch.save({"model": master.state_dict(), "adam": adam.state_dict(), "step": step, "spent": spent}, state_file + ".part")
            os.replace(state_file + ".part", state_file)
            write_model(master, options.out, tokenizer)


def read_model(model, folder):
    """Loads the towers from model.safetensors; the lesson's head is not kept there."""
    with open(os.path.join(folder, "model.safetensors"), "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        start = f.tell()
        with torch.no_grad():
            for name, tensor in model.tensors().items():
                first, last = header[name]["data_offsets"]
                f.seek(start + first)
                values = np.frombuffer(f.read(last - first), np.float16).astype(np.float32)
                tensor.copy_(torch.from_numpy(values).view(tensor.shape))


def write_model(model, out, tokenizer):
    """model.safetensors (float16) and the two configurations."""
    header, blobs, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name, tensor in sorted(model.tensors().items()):
        blob = tensor.detach().to(torch.float16).contiguous().cpu().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file = os.path.join(out, "model.safetensors")
    with open(file + ".part", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for blob in blobs:
            f.write(blob)
    os.replace(file + ".part", file)

    config, preprocessor = model.configs(tokenizer["model"]["vocab"])
    for name, value in (("config.json", config), ("preprocessor_config.json", preprocessor)):
        with open(os.path.join(out, name), "w") as f:
            f.write(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    main()
