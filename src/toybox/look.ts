import type { Sprite } from './canvas.ts';
import { spriteOf } from './world.ts';

/** Colours that a thing can be painted in. */
export const COLOURS = {
  red: [214, 40, 40],
  blue: [40, 84, 214],
  green: [40, 160, 60],
  yellow: [244, 206, 40],
  purple: [140, 56, 190],
  pink: [246, 120, 180],
  orange: [244, 130, 30],
  black: [36, 36, 40],
  white: [246, 246, 246],
} as const;
export type Colour = keyof typeof COLOURS;
export const COLOUR_NAMES = Object.keys(COLOURS) as Colour[];

export const PATTERNS = ['striped', 'dotted', 'checked'] as const;
export type Pattern = (typeof PATTERNS)[number];

/** How a thing differs from its drawing: painted in one colour, or with a pattern of a second one. */
export interface Look {
  readonly colour?: Colour | undefined;
  readonly pattern?: Pattern | undefined;
  readonly patternColour?: Colour | undefined;
}

// A painted drawing keeps a third of its own colours and all of its light and shade.
const KEPT = 0.3;
const PATTERN_STRENGTH = 0.85;

/** The sprite of a drawing with a look. */
export function dress(sprite: Sprite, { colour, pattern, patternColour }: Look): Sprite {
  if (colour === undefined && pattern === undefined) return sprite;
  const { side, data } = sprite.levels[0]!;
  const painted = Float32Array.from(data);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const at = (y * side + x) * 4;
      const alpha = data[at + 3]!;
      if (alpha === 0) continue;
      if (colour !== undefined) {
        const light = (0.3 * data[at]! + 0.59 * data[at + 1]! + 0.11 * data[at + 2]!) / (alpha * 255);
        for (let k = 0; k < 3; k++) {
          const paint = COLOURS[colour][k]! * (0.45 + 0.75 * light) * alpha;
          painted[at + k] = Math.min(255 * alpha, data[at + k]! * KEPT + paint * (1 - KEPT));
        }
      }
      if (pattern !== undefined && isPainted(pattern, x / side, y / side)) {
        const [r, g, b] = COLOURS[patternColour ?? 'white'];
        [r, g, b].forEach((value, k) => {
          painted[at + k] = painted[at + k]! * (1 - PATTERN_STRENGTH) + value * alpha * PATTERN_STRENGTH;
        });
      }
    }
  }
  return spriteOf(side, painted);
}

function isPainted(pattern: Pattern, x: number, y: number): boolean {
  if (pattern === 'striped') return Math.floor((x + y) * 7) % 2 === 0;
  const [column, row] = [Math.floor(x * 6), Math.floor(y * 6)];
  if (pattern === 'checked') return (column + row) % 2 === 0;
  return Math.hypot(x * 6 - column - 0.5, y * 6 - row - 0.5) < 0.3;
}
