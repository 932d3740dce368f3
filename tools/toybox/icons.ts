import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import sharp, { type Sharp } from 'sharp';

interface IconSet {
  readonly icons: Readonly<
    Record<string, { body: string; width?: number; height?: number; left?: number; top?: number }>
  >;
  readonly aliases?: Readonly<Record<string, { parent: string }>>;
  readonly width?: number;
  readonly height?: number;
}

const require = createRequire(import.meta.url);

/** A file of an Iconify package. */
export async function readIconFile<T>(set: string, file: string): Promise<T> {
  return JSON.parse(await readFile(require.resolve(`@iconify-json/${set}/${file}`), 'utf8')) as T;
}

/** An Iconify package's drawings: the picture of a name as SVG, where it has one. */
export async function openIconSet(set: string): Promise<(icon: string) => string | undefined> {
  const { icons, aliases, width = 16, height = 16 } = await readIconFile<IconSet>(set, 'icons.json');
  return (icon) => {
    const found = icons[icon] ?? icons[aliases?.[icon]?.parent ?? ''];
    if (found === undefined) return undefined;
    const [w, h] = [found.width ?? width, found.height ?? height];
    return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${w}" height="${h}" viewBox="${found.left ?? 0} ${found.top ?? 0} ${w} ${h}">${found.body}</svg>`;
  };
}

/** Draws an SVG, trimmed, in a square of this many pixels. */
export function drawIcon(svg: string, side: number): Sharp {
  const [, w, h] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
  return sharp(Buffer.from(svg), {
    density: Math.min(2400, (72 * side) / Math.max(Number(w), Number(h))),
  })
    .trim({ background: '#00000000', threshold: 1 })
    .resize(side, side, { fit: 'contain', background: '#00000000' });
}
