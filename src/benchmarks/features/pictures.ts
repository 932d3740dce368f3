import { join } from 'node:path';
import { encode } from 'html-entities';
import sharp from 'sharp';
import type { Benchmark } from '../data/benchmark.ts';

const THUMBNAIL = 144; // pixels; a report of 12 queries stays below 2 MB

/** A picture of a data set in a report. */
export interface Picture {
  readonly name: string;
  /** Whether it answers the query. */
  readonly right: boolean;
}

/** Small copies of pictures as HTML, the right ones marked. */
export async function pictures({ path }: Benchmark, list: readonly Picture[]): Promise<string> {
  const images = await Promise.all(
    list.map(async ({ name, right }) => {
      const kind = right ? ' class="right"' : '';
      // Images may have gone since their features were extracted.
      const source = await sharp(join(path, name), { failOn: 'none' })
        .autoOrient()
        .resize({ width: THUMBNAIL, height: THUMBNAIL, fit: 'cover', position: 'attention' })
        .flatten({ background: '#ffffff' })
        .jpeg({ quality: 72, mozjpeg: true })
        .toBuffer()
        .then((bytes) => `data:image/jpeg;base64,${bytes.toString('base64')}`)
        .catch(() => undefined);
      const label = `${encode(name)}${right ? ' (right)' : ''}`;
      return source === undefined
        ? `<span${kind} title="${label}">not found</span>`
        : `<img${kind} src="${source}" alt="${label}" title="${label}">`;
    }),
  );
  return images.join('');
}
