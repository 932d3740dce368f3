import { join } from 'node:path';
import { encode } from 'html-entities';
import { jpegUri, makeThumbnail } from '../../node/pixels/thumbnail.ts';
import type { Benchmark } from '../data/benchmark.ts';

// A report of 12 queries stays below 2 MB.
const THUMBNAIL = { width: 144, height: 144, fit: 'cover', format: 'jpeg', quality: 72 } as const;

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
      const source = await jpegUri(makeThumbnail(join(path, name), THUMBNAIL));
      const label = `${encode(name)}${right ? ' (right)' : ''}`;
      return source === undefined
        ? `<span${kind} title="${label}">not found</span>`
        : `<img${kind} src="${source}" alt="${label}" title="${label}">`;
    }),
  );
  return images.join('');
}
