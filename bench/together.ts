/**
 * Whether two personal things are found together: in eight Toybox photo libraries, each with five photos of every pair
 * of Rex, Mimi and Bolt, how many of the first three photos for "Mimi and Bolt" and the like show both.
 *
 *     npx tsx bench/together.ts [model] [seed of the first library]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { indexPhotos } from '../src/library/index-photos.ts';
import { PhotoStore } from '../src/library/photo-store.ts';
import { scanPhotos } from '../src/library/scan.ts';
import { PhotoTable } from '../src/library/search.ts';
import { learn } from '../src/node/learn.ts';
import { loadClip } from '../src/node/load-clip.ts';
import type { Concept } from '../src/polar/concept/concept.ts';
import { encodeSentence, personalSentence } from '../src/polar/query/sentence.ts';
import { makeToyboxPhotos, readToyboxPhotos } from '../src/toybox/make-photos.ts';
import { machine } from './machine.ts';

const LIBRARIES = 8;
const FIRST_SEED = Number(process.argv[3] ?? 0);
const FIRST = 3;
const PAIRS = [
  ['Mimi', 'Bolt'],
  ['Rex', 'Mimi'],
  ['Rex', 'Bolt'],
] as const;

const clip = await loadClip(process.argv[2] ?? 'toybox');
let both = 0;
for (let seed = FIRST_SEED; seed < FIRST_SEED + LIBRARIES; seed++) {
  const base = await mkdtemp(join(tmpdir(), 'polar-together-'));
  const made = await makeToyboxPhotos(base, { seed });
  const truth = await readToyboxPhotos(base);
  const store = new PhotoStore(join(base, 'index'));
  await indexPhotos(store, clip, made.library);
  const concepts: Concept[] = [];
  for (const { name, className, examples } of made.things) {
    const photos = (await scanPhotos(examples)).photos.map(({ path }) => path);
    concepts.push((await learn(clip, name, photos, { className })).concept);
  }
  for (const [a, b] of PAIRS) {
    const query = await encodeSentence(clip, personalSentence(`${a} and ${b}`, concepts));
    const found = await (await PhotoTable.open(store, clip)).search(query, FIRST);
    both += found.filter(({ path }) =>
      [a, b].every((name) => truth.get(basename(path))!.shows.includes(name)),
    ).length;
  }
  await rm(base, { recursive: true });
}
await clip.close();
console.log(`machine: ${machine()}`);
console.log(
  `both things in ${both} of the first ${LIBRARIES * PAIRS.length * FIRST} photos (${FIRST} for each of ${PAIRS.length} sentences in ${LIBRARIES} libraries)`,
);
