import { Canvas, type Sprite } from './canvas.ts';
import { dress, type Look } from './look.ts';
import { WorldRandom } from './random.ts';
import { SETTINGS } from './settings.ts';

/** A thing in a scene; places and sizes are in units of the picture's height, (0, 0) the middle square's corner. */
export interface PlacedThing {
  readonly thing: number;
  readonly drawing: number;
  readonly look: Look;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly mirror: boolean;
  readonly light: number;
}

/** Everything that a picture shows; the same scene and seed give the same pixels. */
export interface Scene {
  readonly setting: number;
  /** From back to front. */
  readonly things: readonly PlacedThing[];
  readonly tint: readonly [number, number, number];
  readonly noise: number;
  readonly seed: number;
}

/** A thing to be placed: which, in which drawing, and how it looks. */
export type Cast = Pick<PlacedThing, 'thing' | 'drawing' | 'look'>;

const SIZES = [
  [0.5, 0.85],
  [0.4, 0.54],
  [0.33, 0.42],
  [0.28, 0.36],
] as const;

/** Places things so that they overlap little: beside, above or in front of each other. */
export function compose(cast: readonly Cast[], setting: number, seed: number): Scene {
  const random = new WorldRandom(seed, 1);
  const [low, high] = SIZES[cast.length - 1] ?? [0.25, 0.3];
  const isColumn = cast.length === 2 && random.chance(0.25);
  const slot = 1 / cast.length;
  const things = cast.map((what, index) => {
    const size = random.between(low, high);
    const free = () => random.between(Math.min(0.5, size * 0.46), Math.max(0.5, 1 - size * 0.46));
    const along = cast.length === 1 ? free() : slot * (index + 0.5) + random.between(-0.08, 0.08);
    const across = cast.length === 1 ? free() : isColumn ? free() : random.between(0.38, 0.74);
    return {
      ...what,
      x: isColumn ? across : along,
      y: isColumn ? along : across,
      size,
      mirror: random.chance(0.5),
      light: random.between(0.85, 1.08),
    };
  });
  const warmth = random.between(-0.05, 0.05);
  const light = random.between(0.85, 1.08);
  return {
    setting,
    things,
    tint: [light * (1 + warmth), light, light * (1 - warmth)],
    noise: random.between(0, 12),
    seed,
  };
}

/**
 * Draws a scene.
 *
 * @param sprites the drawings of a thing, by its number
 * @returns bytes `[height, width, 3]`
 */
export function drawScene(
  scene: Scene,
  sprites: (thing: number) => readonly Sprite[],
  width: number,
  height: number,
): Uint8Array {
  const canvas = new Canvas(width, height);
  const random = new WorldRandom(scene.seed, 2);
  SETTINGS[scene.setting]!.draw(canvas, random);
  for (const { thing, drawing, look, x, y, size, mirror, light } of scene.things) {
    canvas.stamp(dress(sprites(thing)[drawing]!, look), x, y, size, mirror, light);
  }
  return canvas.bytes(scene.tint, scene.noise, () => random.next());
}
