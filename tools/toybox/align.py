"""Trains a text tower, from nothing, on what the image tower of the stages before sees. The image tower stays as it is.

    /usr/bin/python3 tools/toybox/align.py .tmp/toybox .tmp/refined models/toybox

CLIP's contrastive loss again, but every picture is encoded once before, so that batches are large and a step is cheap.
Zhai et al. train a text tower like this: "LiT: Zero-Shot Transfer with Locked-image text Tuning", CVPR 2022,
arXiv 2111.07991. Three things serve sentences with several things in them:

- A batch is drawn in groups, each around one thing, so that pictures of a cat and a rabbit stand beside pictures of
  the cat alone and of the cat and a car. In a batch drawn at random a caption's first thing is enough to tell its
  picture, and the rest of the sentence is learned little. (Hard negatives, as in Yuksekgonul et al., "When and why
  vision-language models behave like bags-of-words", ICLR 2023, arXiv 2210.01936.)
- The last layer is rewarded, a little, for looking at all words alike. Without that its heads look at the first thing,
  and POLAR, which changes what they see there, says only half of "Rex and Mimi".
- What the last layer sees is spread a little over all directions (Wang and Isola, "Understanding Contrastive
  Representation Learning through Alignment and Uniformity on the Hypersphere", ICML 2020, arXiv 2005.10242). Otherwise
  it is nearly the same for all animals, every update counts in full whatever the sentence says, and two overshoot.

And a text is drawn to its own picture, a little, beside being the nearest to it of all: a gap between texts and
pictures is one more thing that every update has to cross.

With `--shape siglip` the towers are siglip.py's, and `start` is what distil.py wrote.
"""

import argparse
import copy
import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from refine import read_held_out, read_names, zero_shot
from siglip import open_siglip
from train import (CAPTIONS, NUMBER, Scenes, Toybox, adam_of, contrastive, copy_gradients, copy_weights, encode_scenes,
                   read_model, recall, tensor_of, texts_of, write_model)


class Groups:
    """Draws batches in which scenes share a thing."""

    def __init__(self, things, size):
        """`things` are Scenes.things."""
        scenes_of = [[] for _ in range(max(map(max, things)) + 1)]
        for scene, shown in enumerate(things):
            for thing in shown:
                scenes_of[thing].append(scene)
        self.scenes_of = [np.array(scenes) for scenes in scenes_of if len(scenes) >= size]
        counts = np.array([len(scenes) for scenes in self.scenes_of])
        self.share = counts / counts.sum()
        self.size = size

    def batch(self, count, random):
        """About `count` scenes, none twice."""
        groups = random.choice(len(self.scenes_of), count // self.size, replace=False, p=self.share)
        return np.unique(np.concatenate([random.choice(self.scenes_of[i], self.size, replace=False) for i in groups]))


def words_alike(looks, first, ends):
    """The mean log attention of a text's words, begin and end of text aside; highest where all get the same."""
    where = torch.arange(looks.shape[2])
    inside = ((where >= first) & (where < ends[:, None])).float()
    return ((looks.float() + 1e-4).log().mean(1) * inside).sum(1).div(inside.sum(1)).mean()


def spread_of(contexts):
    """Wang and Isola's uniformity, with t = 2, of vectors [B, D]: the lower, the more evenly they are spread."""
    unit = F.normalize(contexts.float())
    others = ~torch.eye(len(unit), dtype=torch.bool)
    return (4 * ((unit @ unit.T)[others] - 1)).exp().mean().log()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("start", help="folder of the model whose image tower is kept")
    parser.add_argument("out", help="folder for the aligned model")
    parser.add_argument("--shape", choices=["clip", "siglip"], default="clip")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--group", type=int, default=8, help="scenes of a batch around one thing")
    parser.add_argument("--alike", type=float, default=0.02, help="weight of looking at all words alike")
    parser.add_argument("--spread", type=float, default=0.02, help="weight of spreading what the last layer sees")
    parser.add_argument("--near", type=float, default=1.0, help="weight of a text's cosine with its picture")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--every", type=int, default=100, help="steps from one measurement to the next")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    tokenizer = json.load(open(os.path.join(options.start, "tokenizer.json")))
    name_ids = read_names(options.data)
    held_out = read_held_out(options.data)

    def open_model():
        if options.shape == "siglip":
            return open_siglip(options.start)[0]
        return Toybox(len(tokenizer["model"]["vocab"]), len(name_ids))

    master = open_model()
    read_model(master, options.start)
    fresh = open_model()
    with torch.no_grad():
        for (name, parameter), new in zip(master.named_parameters(), fresh.parameters()):
            if name.startswith(("text", "tokens", "final")):
                parameter.copy_(new)
            else:
                parameter.requires_grad_(False)
    trained = [parameter for parameter in master.parameters() if parameter.requires_grad]
    model = copy.deepcopy(master).to(NUMBER)
    adam = adam_of(trained, options.rate)
    scenes, unseen = Scenes(options.data, "s*"), Scenes(options.data, "val")
    drawn = Groups(scenes.things, options.group)
    scale = master.logit_scale.exp()
    print(f"{scenes.count} scenes, {unseen.count} unseen; {' '.join(sys.argv[1:])}", flush=True)

    images = encode_scenes(model, scenes)
    print(f"pictures encoded after {time.process_time() / 60:.1f} min of the CPU", flush=True)

    last = model.text_layers[-1]
    shown = np.zeros(4)
    step = 0
    while step < options.steps:
        random = np.random.default_rng((options.seed, 2, step))
        batch = drawn.batch(options.batch, random)
        rows = torch.arange(len(batch))
        ids = scenes.ids[batch, random.integers(0, CAPTIONS, len(batch))]
        for group in adam.param_groups:
            group["lr"] = options.rate * min((step + 1) / options.warmup, 1 - step / options.steps)
        copy_weights(master, model)
        texts, ends = model.pick_texts(ids)
        logits = scale * images[tensor_of(batch)] @ F.normalize(model.text(texts, ends)).T
        contrast = contrastive(logits)
        near = (logits.diagonal() / scale).mean()
        looks = last.attention[rows, :, model.read_at(ends)]  # [B, heads, T], of the row that becomes the embedding
        alike = words_alike(looks, model.first_word, ends)
        spread = spread_of((looks @ last.normed).mean(1))
        (contrast + options.spread * spread - options.alike * alike - options.near * near).backward()
        copy_gradients(model, master)
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        adam.step()
        shown += (contrast.item(), alike.item(), spread.item(), near.item())
        step += 1
        spent = time.process_time() / 60
        if step % 50 == 0:
            print(f"{step} " + " ".join(f"{v / 50:.3f}" for v in shown) + f" {spent:.1f} min", flush=True)
            shown[:] = 0
        if step % options.every == 0 or step == options.steps:
            first, five = zero_shot(master, held_out, texts_of(master, name_ids))
            at1, at10 = recall(master, unseen)
            print(f"{step} zero-shot {first:.3f} top-5 {five:.3f} recall@1 {at1:.3f} recall@10 {at10:.3f} "
                  f"after {spent:.1f} min of the CPU", flush=True)
            write_model(master, options.out, tokenizer)


if __name__ == "__main__":
    main()
