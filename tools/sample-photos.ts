import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeToyboxPhotos, type ToyboxPhotos } from '../src/toybox/make-photos.ts';
import { madeOnce } from './made-once.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const CACHE = fromRoot('node_modules/.cache/polar/toybox-photos');
const THINGS = 'things.json';

/**
 * The photo library of the Toybox world as {@link makeToyboxPhotos} draws it, for the pages and the tests: drawn once
 * for every state of the world and of the code that draws it, which takes seconds. Not to be written to.
 */
export async function samplePhotos(): Promise<ToyboxPhotos> {
  const sources: string[] = [];
  for (const folder of ['models/toybox-world', 'src/toybox']) {
    for (const entry of await readdir(fromRoot(folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) sources.push(join(entry.parentPath, entry.name));
    }
  }
  const folder = await madeOnce(CACHE, sources.sort(), async (folder) => {
    const { photos, things } = await makeToyboxPhotos(folder);
    const named = things.map(({ name, className }) => ({ name, className }));
    await writeFile(join(folder, THINGS), JSON.stringify({ photos, things: named }));
  });
  const { photos, things } = JSON.parse(await readFile(join(folder, THINGS), 'utf8')) as Named;
  return {
    library: join(folder, 'library'),
    photos,
    things: things.map((thing) => ({ ...thing, examples: join(folder, thing.name) })),
  };
}

interface Named {
  readonly photos: number;
  readonly things: readonly { readonly name: string; readonly className: string }[];
}
