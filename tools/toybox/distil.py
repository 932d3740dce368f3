"""Teaches an image tower of SigLIP's shape to see what Toybox's sees: the first stage of Toybox-SigLIP.

    python3 tools/toybox/distil.py .tmp/toybox models/toybox .tmp/toybox-siglip

The teacher's embedding of a picture is what the pupil's must be, which needs no captions and no other pictures than
train.py's. Pictures are mixed with one another and painted over, as in Beyer et al., "Knowledge distillation: A good
teacher is patient and consistent", CVPR 2022, arXiv 2106.05237, so that the pupil learns the teacher's function and not
only its pictures. SigLIP's pictures are not cropped but squashed to a square: half of what the pupil sees is squeezed.
The pupil starts from the teacher's layers. The text tower is align.py's, with `--shape siglip`.
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

from siglip import open_siglip, siglip_tokenizer
from train import (HAS_GPU, NUMBER, Scenes, Toybox, adam_of, copy_gradients, copy_weights, patches_of, read_model,
                   tensor_of, write_model)


def start_from(pupil, teacher, patches):
    """The teacher's layers. Its norm before the first layer, which SigLIP has not, becomes part of the patches'
    weights, as near as one deviation for all of them allows."""
    with torch.no_grad():
        pupil.layers.load_state_dict(teacher.layers.state_dict())
        pupil.post.load_state_dict(teacher.post.state_dict())
        before = teacher.patch(patches) + teacher.positions[1:]
        scale = teacher.pre.weight / before.std(-1).mean()
        weight, positions = teacher.patch.weight, teacher.positions[1:]
        pupil.patch.weight.copy_((weight - weight.mean(0)) * scale[:, None])
        pupil.positions.copy_((positions - positions.mean(1, keepdim=True)) * scale)
        pupil.patch.bias.copy_(teacher.pre.bias)


def painted(pictures, random):
    """Pictures [B, side, side, 3] from 0 to 1, half of them mixed with another and half of them recoloured."""
    b = len(pictures)
    number = lambda low, high, *shape: tensor_of(random.uniform(low, high, (b, *shape)).astype(np.float32))
    share = torch.where(number(0, 1, 1, 1, 1) < 0.5, number(0, 1, 1, 1, 1), torch.ones(1))
    pictures = share * pictures + (1 - share) * pictures.roll(1, 0)
    turn = torch.eye(3) + number(-0.4, 0.4, 3, 3) * (number(0, 1, 1, 1) < 0.5)
    turn = turn / turn.sum(2, keepdim=True)
    pictures = torch.einsum("bij,bhwj->bhwi", turn, pictures)
    return (pictures * number(0.8, 1.2, 1, 1, 1) + number(-0.1, 0.1, 1, 1, 1)).clamp(0, 1)


def squeezed(pictures, random):
    """Half of the pictures narrower or lower, down to 0.7, and the others as they are; mirrored beyond their sides."""
    b, side = pictures.shape[:2]
    size = np.where(random.random((b, 2)) < 0.25, random.uniform(0.7, 1, (b, 2)), 1).astype(np.float32)
    grid = torch.zeros(b, 2, 3)
    grid[:, 0, 0], grid[:, 1, 1] = tensor_of(1 / size).unbind(1)
    where = F.affine_grid(grid, [b, 3, side, side], align_corners=False)
    seen = F.grid_sample(pictures.permute(0, 3, 1, 2), where, padding_mode="reflection", align_corners=False)
    return seen.permute(0, 2, 3, 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("teacher", help="folder of the model whose image tower teaches")
    parser.add_argument("out", help="folder for the model of SigLIP's shape")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--every", type=int, default=500, help="steps from one measurement to the next")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    tokenizer = json.load(open(os.path.join(options.teacher, "tokenizer.json")))
    teacher = Toybox(len(tokenizer["model"]["vocab"]), 1)
    read_model(teacher, options.teacher)
    os.makedirs(options.out, exist_ok=True)
    with open(os.path.join(options.out, "tokenizer.json"), "w") as f:
        json.dump(siglip_tokenizer(tokenizer), f, ensure_ascii=False)
    master, tokenizer = open_siglip(options.out)
    scenes, unseen = Scenes(options.data, "s*"), Scenes(options.data, "val")
    pictures = torch.from_numpy(np.concatenate(scenes.pictures))
    others = tensor_of(np.concatenate(unseen.pictures))
    pictures = pictures.cuda() if HAS_GPU else pictures
    start_from(master, teacher, patches_of(others).float())
    with torch.no_grad():
        master.logit_scale.fill_(teacher.logit_scale.item())
    teacher = teacher.to(NUMBER)
    trained = [p for name, p in master.named_parameters() if not name.startswith(("text", "tokens", "final", "logit"))]
    model = copy.deepcopy(master).to(NUMBER)
    adam = adam_of(trained, options.rate)
    wanted = F.normalize(teacher.image(patches_of(others), None)[0].detach())
    print(f"{scenes.count} scenes, {unseen.count} unseen; {' '.join(sys.argv[1:])}", flush=True)

    began, shown = time.time(), 0.0
    for step in range(options.steps):
        random = np.random.default_rng((options.seed, 4, step))
        batch = tensor_of(random.integers(0, scenes.count, options.batch))
        mixed = painted(pictures[batch].float() / 255, random)
        with torch.no_grad():
            target = F.normalize(teacher.image(patches_of(mixed * 255), None)[0])
        for group in adam.param_groups:
            group["lr"] = options.rate * min((step + 1) / options.warmup, 1 - step / options.steps)
        copy_weights(master, model)
        said = F.normalize(model.image(patches_of(squeezed(mixed, random) * 255))[0])
        loss = 1 - (said * target).sum(1).mean()
        loss.backward()
        copy_gradients(model, master)
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        adam.step()
        shown += loss.detach()
        if (step + 1) % options.every == 0 or step + 1 == options.steps:
            with torch.no_grad():
                alike = (F.normalize(model.image(patches_of(others))[0]) * wanted).sum(1)
            print(f"{step + 1} loss {float(shown) / options.every:.4f}; cosine with the teacher on unseen scenes "
                  f"{float(alike.mean()):.4f}, least {float(alike.min()):.4f}; {time.time() - began:.0f} s", flush=True)
            shown = 0.0
            write_model(master, options.out, tokenizer)


if __name__ == "__main__":
    main()
