import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { captionOf } from './captions.ts';
import { PATTERNS } from './look.ts';
import {
  lookAlike,
  openToybox,
  PERSONAL_CLOTHES,
  PERSONAL_THINGS,
  personalCast,
  thingNumber,
} from './personal.ts';
import { WorldRandom } from './random.ts';
import { sampleScene } from './sample.ts';
import { compose, drawScene } from './scene.ts';
import { SETTINGS } from './settings.ts';
import { heldOutDrawing } from './world.ts';

const toybox = await openToybox([...PERSONAL_THINGS, ...PERSONAL_CLOTHES]);
const { world } = toybox;

it('has 300 things and more, each in several drawings, 12 settings and more, 30 personal things and more', () => {
  expect(new Set(world.things.map(({ name }) => name)).size).toBeGreaterThanOrEqual(300);
  expect(Math.min(...world.things.map(({ drawings }) => drawings.length))).toBeGreaterThanOrEqual(4);
  expect(new Set(SETTINGS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(12);
  expect(toybox.personal.length).toBeGreaterThanOrEqual(30);
  const looks = toybox.personal.map(({ className, look }) => `${className} ${JSON.stringify(look)}`);
  expect(new Set(looks).size).toBe(toybox.personal.length);
});

it('training scenes never show a drawing that is held out, nor a personal thing', () => {
  const seen = new Set<number>();
  for (let seed = 0; seed < 3000; seed++) {
    for (const { thing, drawing } of sampleScene(world, seed).things) {
      seen.add(thing);
      expect(thing).toBeLessThan(world.things.length);
      expect(drawing).not.toBe(heldOutDrawing(world.things[thing]!));
    }
  }
  expect(seen.size).toBe(world.things.length);
});

it('the same seed is the same picture and the same words, another seed another', () => {
  const picture = (seed: number) =>
    createHash('sha256')
      .update(drawScene(sampleScene(world, seed), toybox.sprites, 96, 72))
      .digest('hex');
  const words = (seed: number) =>
    captionOf(world, sampleScene(world, seed), new WorldRandom(seed, 3), { isComplete: true });
  for (const seed of [1, 2, 3]) {
    expect(picture(seed)).toBe(picture(seed));
    expect(words(seed)).toBe(words(seed));
    expect(picture(seed)).not.toBe(picture(seed + 1));
    expect(words(seed)).not.toBe(words(seed + 1));
  }
});

it('a complete caption names every thing and the setting; number, relation and order vary', () => {
  const captions = Array.from({ length: 400 }, (_, seed) => {
    const scene = sampleScene(world, seed);
    return { scene, text: captionOf(world, scene, new WorldRandom(seed, 3), { isComplete: true }) };
  });
  for (const { scene, text } of captions) {
    expect(SETTINGS[scene.setting]!.phrases.some((phrase) => text.includes(phrase))).toBe(true);
    const patterns = scene.things.flatMap(({ look }) => look.pattern ?? []);
    for (const pattern of PATTERNS) expect(text.includes(pattern)).toBe(patterns.includes(pattern));
  }
  const texts = captions.map(({ text }) => text).join('\n');
  expect(texts).toMatch(/\btwo \w+/);
  expect(texts).toMatch(/to the left of|left of/);
  expect(texts).toMatch(/ an? [\w ]+ and an? /);
});

it('things of a scene partly cover each other now and then, mirrored or not, in another light', () => {
  const placed = Array.from({ length: 400 }, (_, seed) => sampleScene(world, seed).things);
  const covers = placed.filter((things) =>
    things.some((a, i) =>
      things.slice(0, i).some((b) => {
        const [dx, dy, reach] = [Math.abs(a.x - b.x), Math.abs(a.y - b.y), (a.size + b.size) / 2];
        return Math.max(dx, dy) < 0.8 * reach;
      }),
    ),
  );
  expect(covers.length).toBeGreaterThan(20);
  expect(new Set(placed.flat().map(({ mirror }) => mirror)).size).toBe(2);
  expect(new Set(placed.flat().map(({ light }) => light)).size).toBeGreaterThan(100);
});

it('captions for training hold made-up words, but never sks; those that are measured with hold none', () => {
  const words = (isComplete: boolean) =>
    Array.from({ length: 2000 }, (_, seed) =>
      captionOf(world, sampleScene(world, seed), new WorldRandom(seed, 3), { isComplete }).split(/\W+/),
    ).flat();
  const known = new Set(words(true));
  const madeUp = words(false).filter((word) => !known.has(word));
  expect(madeUp.length).toBeGreaterThan(50);
  expect(madeUp).not.toContain('sks');
  expect([...known].filter((word) => /^[bcdfghjklmnpqrstvwxz]{2,4}$/.test(word) && word !== 'tv')).toEqual(
    [],
  );
});

it('a personal thing has a look of its own, and its look-alikes another', () => {
  const at = (cast: Parameters<typeof compose>[0][number]) =>
    drawScene(compose([cast], 0, 7), toybox.sprites, 64, 64).join(' ');
  const random = new WorldRandom(1);
  for (const index of [0, 1, 8]) {
    const own = at(personalCast(toybox, index));
    const alike = lookAlike(toybox, index, random);
    expect(alike.thing).toBe(thingNumber(world, toybox.personal[index]!.className));
    expect(at(alike)).not.toBe(own);
  }
});
