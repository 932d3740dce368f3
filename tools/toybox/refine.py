"""Teaches Toybox's image tower more drawings: the second stage, after train.py. Its text tower stays as it is.

    /usr/bin/python3 tools/toybox/refine.py .tmp/toybox models/toybox .tmp/refined

A thing has few drawings, and a model of the first stage knows those by heart. Here half of every batch are pictures
composed on the spot from make-lessons.ts: a drawing (the world's or another set's), warped, recoloured and partly
covered, on a setting; the image must be nearest to its thing's text among the texts of all things. The other half are
scenes of make-training.ts with their captions, so that nothing else is forgotten. Both with train.py's lesson of
patches. The image tower's arithmetic is train.py's: in bfloat16 on a CPU that has it, else in float32.
"""

import argparse
import copy
import json
import math
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from train import (CAPTIONS, COLOURS, GRID, LONGEST, NUMBER, PATTERNS, SIDE, Scenes, Toybox, adam_of, copy_gradients,
                   copy_weights, patches_of, read_model, recall, tensor_of, texts_of, write_model)


DRAWN = 96
KEPT = 32  # patches of each picture that a step sees, until the last steps


class Drawings:
    def __init__(self, folder):
        listed = json.load(open(os.path.join(folder, "drawings.json")))
        self.pixels = tensor_of(np.fromfile(os.path.join(folder, "drawings.u8"), np.uint8)).view(-1, DRAWN, DRAWN, 4)
        self.grounds = tensor_of(np.fromfile(os.path.join(folder, "grounds.u8"), np.uint8)).view(-1, SIDE, SIDE, 3)
        self.coloured = np.array([drawing["isColoured"] for drawing in listed])
        things = np.array([drawing["thing"] for drawing in listed])
        self.of = [np.flatnonzero(things == thing) for thing in range(things.max() + 1)]

    def pictures(self, things, random):
        """Bytes [B, side, side, 3] with one thing each, and the cells that it covers, [B, patches]."""
        b = len(things)
        weights = [np.where(self.coloured[self.of[thing]], 1.0, 0.2) for thing in things]
        chosen = np.array([random.choice(self.of[thing], p=w / w.sum()) for thing, w in zip(things, weights)])
        sprites = self.pixels[tensor_of(chosen)].float().permute(0, 3, 1, 2) / 255
        rgb, alpha = self.repaint(sprites[:, :3], sprites[:, 3:], tensor_of(self.coloured[chosen]), random)
        number = lambda low, high, *shape: tensor_of(random.uniform(low, high, (b, *shape)).astype(np.float32))

        size = number(0.45, 0.92)
        x, y = (0.5 + number(-0.5, 0.5) * (1 - 0.9 * size) for _ in range(2))
        turn = number(-1, 1) ** 3 * 0.5
        stretch = torch.exp(number(-0.2, 0.2))
        mirror = torch.where(number(0, 1) < 0.5, -1.0, 1.0)
        shear = number(-0.15, 0.15)
        axis = (torch.arange(SIDE) + 0.5) / SIDE
        down, across = torch.meshgrid(axis, axis, indexing="ij")
        u = (across[None] - x[:, None, None]) * 2 / size[:, None, None]
        v = (down[None] - y[:, None, None]) * 2 / size[:, None, None]
        cos, sin = turn.cos()[:, None, None], turn.sin()[:, None, None]
        u, v = cos * u + sin * v, -sin * u + cos * v
        u = (u + shear[:, None, None] * v) * (mirror * stretch)[:, None, None]
        v = v / stretch[:, None, None]
        bend = F.interpolate(number(-0.11, 0.11, 2, 4, 4), (SIDE, SIDE), mode="bicubic", align_corners=True)
        grid = torch.stack([u + bend[:, 0], v + bend[:, 1]], 3)
        both = torch.cat([rgb, alpha], 1)
        # Two samples a pixel each way would be exact; a drawing halved once is near enough.
        small = size < 0.6
        for which, level in ((small, F.avg_pool2d(both, 2)), (~small, both)):
            if which is not small or bool(which.any()):
                part = F.grid_sample(level[which], grid[which], align_corners=False)
                stamped = part.new_zeros(b, 4, SIDE, SIDE) if which is small else stamped
                stamped[which] = part
        rgb, alpha = stamped[:, :3], stamped[:, 3:]

        # Something in front of it: a bar or a box of another picture.
        grounds = self.grounds[tensor_of(random.integers(0, len(self.grounds), 2 * b))].permute(0, 3, 1, 2).float() / 255
        ground, cover = grounds[:b], grounds[b:]
        light = number(0.85, 1.08)[:, None, None, None]
        picture = ground * (1 - alpha) + rgb * light
        cx, cy = x + number(-0.6, 0.6) * size, y + number(-0.6, 0.6) * size
        w, h = (number(0.05, 0.3) * size for _ in range(2))
        box = ((across[None] - cx[:, None, None]).abs() < w[:, None, None]) & ((down[None] - cy[:, None, None]).abs() < h[:, None, None])
        box &= (number(0, 1) < 0.25)[:, None, None]
        picture = torch.where(box[:, None], cover, picture)
        alpha = alpha * ~box[:, None]
        noise = number(0, 0.04)[:, None, None, None] * tensor_of(random.standard_normal(picture.shape, np.float32))
        picture = (picture + noise).clamp(0, 1)
        cells = F.avg_pool2d(alpha, SIDE // GRID).flatten(1)
        return (picture * 255).byte().permute(0, 2, 3, 1).contiguous(), cells

    def repaint(self, rgb, alpha, coloured, random):
        """Other colours: hue turned, greyed, brightened; silhouettes get two colours, light or dark."""
        b = len(rgb)
        number = lambda low, high, *shape: tensor_of(random.uniform(low, high, (b, *shape)).astype(np.float32))
        grey = (rgb * torch.tensor([0.3, 0.59, 0.11])[None, :, None, None]).sum(1, keepdim=True)
        # A turn about the grey axis; most drawings nearly keep their hue.
        angle = torch.where(number(0, 1) < 0.8, number(-0.25, 0.25), number(-math.pi, math.pi))
        c, s = angle.cos(), angle.sin() / math.sqrt(3)
        third = (1 - c) / 3
        turn = torch.stack([c + third, third - s, third + s, third + s, c + third, third - s, third - s, third + s, c + third], 1).view(b, 3, 3)
        turned = torch.einsum("bij,bjhw->bihw", turn, rgb)
        vivid = torch.where(number(0, 1) < 0.1, number(0, 0.3), number(0.5, 1.3))[:, None, None, None]
        turned = grey + (turned - grey) * vivid
        # Contrast about the middle, in units of what the pixel covers.
        contrast = torch.exp(number(-0.35, 0.35))[:, None, None, None]
        turned = ((turned - 0.5 * alpha) * contrast + (0.5 + number(-0.12, 0.12)[:, None, None, None]) * alpha)
        paint = number(0, 1, 3)[:, :, None, None] * alpha
        turned = torch.where(coloured[:, None, None, None], turned, paint)
        return torch.minimum(turned.clamp(min=0), alpha), alpha


def read_held_out(folder):
    """The drawing of every thing that training never sees, bytes [things, side, side, 3]."""
    return tensor_of(np.fromfile(os.path.join(folder, "unseen.u8"), np.uint8)).view(-1, SIDE, SIDE, 3)


def read_names(folder):
    """The tokens of every thing's name, [things, longest]."""
    return np.fromfile(os.path.join(folder, "names.ids"), np.int16).reshape(-1, LONGEST)


def zero_shot(model, pictures, names):
    """Top-1 and top-5 of the class of unseen drawings among the names of all things."""
    with torch.no_grad():
        images = F.normalize(model.image(patches_of(pictures), None)[0])
        scores = images @ names.T
    rank = (scores > scores.diagonal()[:, None]).sum(1)
    return float((rank < 1).float().mean()), float((rank < 5).float().mean())


def keep(wanted, count):
    """The `count` patches of each picture with the smallest numbers, in order."""
    return tensor_of(np.sort(np.argsort(wanted, 1)[:, :count], 1))


def patch_lesson(answers, labels, things):
    """train.py's lesson; a label of -1 asks nothing."""
    said = answers.float().flatten(0, 1).split([things + 1, COLOURS, PATTERNS], 1)
    which, colour, pattern = labels.flatten(0, 1).unbind(1)
    weights = torch.ones(things + 1)
    weights[0] = 0.1
    loss = 0.5 * F.cross_entropy(said[0], which, weights, ignore_index=-1)
    on = colour >= 0
    if bool(on.any()):
        loss = loss + 0.25 * (F.cross_entropy(said[1][on], colour[on]) + F.cross_entropy(said[2][on], pattern[on]))
    return loss


def rate(step, options):
    return options.rate * min(1.0, (step + 1) / options.warmup, 0.01 + 0.99 * (options.steps - step) / options.decay)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("start", help="folder of the model of the first stage")
    parser.add_argument("out", help="folder for the refined model")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--decay", type=int, default=4200)
    parser.add_argument("--full", type=int, default=500, help="last steps that see every patch")
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--scenes", type=int, default=22, help="how many of a batch are scenes")
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--every", type=int, default=250, help="steps from one measurement to the next; recall at every fifth")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    tokenizer = json.load(open(os.path.join(options.start, "tokenizer.json")))
    vocabulary = len(tokenizer["model"]["vocab"])
    drawings = Drawings(options.data)
    things = len(drawings.of)
    master = Toybox(vocabulary, things)
    read_model(master, options.start)
    trained = [p for name, p in master.named_parameters() if not name.startswith(("text", "tokens", "final", "logit"))]
    for parameter in set(master.parameters()) - set(trained):
        parameter.requires_grad_(False)
    model = copy.deepcopy(master).to(NUMBER)
    adam = adam_of(trained, options.rate)
    scenes, unseen = Scenes(options.data, "s*"), Scenes(options.data, "val")
    held_out = read_held_out(options.data)
    names = texts_of(master, read_names(options.data))
    scale = master.logit_scale.exp()
    others = torch.zeros(0, names.shape[1])
    step, spent = 0, 0.0
    state_file = os.path.join(options.data, "refine.pt")
    if os.path.exists(state_file):
        state = torch.load(state_file)
        master.load_state_dict(state["model"])
        adam.load_state_dict(state["adam"])
        step, spent, others = state["step"], state["spent"], state["others"]

    def measure():
        first, five = zero_shot(master, held_out, names)
        said = f"{step} zero-shot {first:.3f} top-5 {five:.3f}"
        if step % (5 * options.every) == 0 or step == options.steps:
            said += " recall@1 {:.3f} recall@10 {:.3f}".format(*recall(master, unseen))
        print(f"{said} after {spent / 60:.1f} min of the CPU", flush=True)

    print(f"{len(drawings.coloured)} drawings, {scenes.count} scenes, {unseen.count} unseen; {' '.join(sys.argv[1:])}", flush=True)
    measure()
    singles = options.batch - options.scenes
    shown = np.zeros(3)
    while step < options.steps:
        began = time.process_time()
        random = np.random.default_rng((options.seed, 1, step))
        isFull = step >= options.steps - options.full
        which = random.integers(0, things, singles)
        pictures, cells = drawings.pictures(which, random)
        cells = cells.cpu().numpy()
        drawn = np.where(cells > 0.4, which[:, None] + 1, np.where(cells < 0.02, 0, -1))
        drawn = np.stack([drawn, np.full_like(drawn, -1), np.full_like(drawn, -1)], 2)
        batch = np.sort(random.choice(scenes.count, options.scenes, replace=False))
        composed = tensor_of(np.stack([scenes.picture(i) for i in batch]))
        dx, dy = random.integers(-4, 5, 2)
        composed = torch.roll(composed, (int(dy), int(dx)), (1, 2))
        labels = scenes.labels[batch].astype(np.int64)
        looks = np.where(labels[:, :, :1] > 0, labels[:, :, 1:], -1)
        labels = tensor_of(np.concatenate([drawn, np.concatenate([labels[:, :, :1], looks], 2)]).astype(np.int64))
        light = tensor_of(random.uniform(0.9, 1.1, (options.batch, 1, 3)).astype(np.float32))
        lift = tensor_of(random.uniform(-0.05, 0.05, (options.batch, 1, 1)).astype(np.float32))
        patches = patches_of(torch.cat([pictures, composed]), light, lift)
        kept = None
        if not isFull:
            kept = keep(random.random(labels.shape[:2]) - 0.8 * (labels[:, :, 0] != 0).cpu().numpy(), KEPT)
            labels = labels.gather(1, kept[:, :, None].expand(-1, -1, 3))
        captions = texts_of(master, scenes.ids[batch, random.integers(0, CAPTIONS, options.scenes)])

        for group in adam.param_groups:
            group["lr"] = rate(step, options)
        copy_weights(master, model)
        images, lesson = model.image(patches, kept)
        images = F.normalize(images)
        named = F.cross_entropy(0.5 * scale * images[:singles] @ names.T, tensor_of(which), label_smoothing=0.1)
        target = torch.arange(options.scenes)
        found = F.cross_entropy(scale * captions @ images[singles:].T, target)
        said = F.cross_entropy(scale * images[singles:] @ torch.cat([captions, others]).T, target)
        contrast = (found + said) / 2
        lesson_loss = patch_lesson(lesson, labels, things)
        (named + contrast + lesson_loss).backward()
        copy_gradients(model, master)
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        adam.step()
        # The text tower stands still, so that captions of earlier steps are as good as new.
        others = torch.cat([captions, others])[:1000]
        shown += (named.item(), contrast.item(), lesson_loss.item())
        step += 1
        spent += time.process_time() - began
        if step % 10 == 0:
            print(f"{step} " + " ".join(f"{v / 10:.4f}" for v in shown) + f" {spent / 60:.1f} min", flush=True)
            shown[:] = 0
        if step % options.every == 0 or step == options.steps:
            measure()
            torch.save({"model": master.state_dict(), "adam": adam.state_dict(), "step": step, "spent": spent, "others": others}, state_file + ".part")
            os.replace(state_file + ".part", state_file)
            write_model(master, options.out, tokenizer)


if __name__ == "__main__":
    main()
