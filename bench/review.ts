// What ten answers to "Is this Rex?" bring: mean average precision of "An image of Rex" over a library before and after,
// and with ten random photos, or the ten best, answered instead. Toybox's drawn library, and the real photos of
// ../shared/data/photos read with the same small model, which knows little of photographs.
// And what photos of what it is not bring, taught with `polar learn --not`: the ten most like it, alone and beside
// typical photos of the library, as `teach` learns them.
//   npx tsx bench/review.ts [--toybox]    --toybox: the drawn library alone, about a minute
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { photosToReview, revise, typicalPhotos } from '../src/app/review.ts';
import { teach } from '../src/app/teach.ts';
import { openInMemory, type PhotosInMemory } from '../src/library/in-memory.ts';
import { indexPhotos } from '../src/library/index-photos.ts';
import { PhotoStore } from '../src/library/photo-store.ts';
import type { FoundPhoto } from '../src/library/search.ts';
import { fileExamples } from '../src/node/learn.ts';
import { type Clip, loadClip } from '../src/node/load-clip.ts';
import type { Concept } from '../src/polar/concept/concept.ts';
import { encodeSentence, personalSentence } from '../src/polar/query/sentence.ts';
import { PythonRandom } from '../src/polar/random/python.ts';
import { makeToyboxPhotos, readToyboxPhotos } from '../src/toybox/make-photos.ts';

const ANSWERS = 10;

interface Thing {
  readonly name: string;
  readonly className: string | null;
  readonly examples: readonly string[];
  readonly shows: (path: string) => boolean;
}

async function rank(clip: Clip, concept: Concept, library: PhotosInMemory): Promise<readonly FoundPhoto[]> {
  const query = await encodeSentence(clip, personalSentence(`An image of ${concept.name}`, [concept]));
  return library.search(query, library.count);
}

/** Over the photos that none was told about, so that answers are not their own proof. */
function averagePrecision(
  hits: readonly FoundPhoto[],
  shows: Thing['shows'],
  told: ReadonlySet<string>,
): number {
  let found = 0;
  let sum = 0;
  const rest = hits.filter(({ path }) => !told.has(path));
  for (const [index, { path }] of rest.entries()) if (shows(path)) sum += ++found / (index + 1);
  return found === 0 ? 0 : sum / found;
}

async function measure(clip: Clip, folder: string, things: readonly Thing[], home: string): Promise<void> {
  const store = new PhotoStore(home);
  await indexPhotos(store, clip, folder);
  const library = await openInMemory(store, clip);
  const rows = new Map(library.photos.map(({ path }, row) => [path, row]));
  const embeddingOf = ({ path }: { readonly path: string }) => library.embeddingOf(rows.get(path)!);
  const random = new PythonRandom(0);
  const sums: Record<string, [before: number, after: number]> = {};
  let seconds = 0;
  for (const { name, className, examples, shows } of things) {
    const { concept } = await teach(clip, name, fileExamples(clip, examples), { className });
    const ranked = (await rank(clip, concept, library)).filter(
      ({ hash }) => !concept.photoHashes.includes(hash),
    );
    const ways = {
      'near the border': await photosToReview(clip, concept, library, embeddingOf, ANSWERS),
      'the best ten': ranked.slice(0, ANSWERS),
      'ten at random': random.sample(ranked, ANSWERS),
    };
    const own = new Set(concept.photoHashes);
    const ownPaths = library.photos.filter(({ hash }) => own.has(hash)).map(({ path }) => path);
    const keep = (way: string, before: number, after: number) => {
      sums[way] ??= [0, 0];
      sums[way][0] += before / things.length;
      sums[way][1] += after / things.length;
    };
    const wrong = ranked.filter(({ path }) => !shows(path)).slice(0, ANSWERS);
    for (const [way, beside] of [
      ['--not, alone', undefined],
      ['--not, typical', library],
    ] as const) {
      const photos = fileExamples(clip, examples, { not: wrong.map(({ path }) => path) });
      const { concept: told } = await teach(clip, name, photos, { className, library: beside });
      const known = new Set([...ownPaths, ...wrong.map(({ path }) => path)]);
      keep(
        way,
        averagePrecision(ranked, shows, known),
        averagePrecision(await rank(clip, told, library), shows, known),
      );
    }
    for (const [way, asked] of Object.entries(ways)) {
      const yes = asked.filter(({ path }) => shows(path));
      const no = asked.filter(({ path }) => !shows(path));
      const started = performance.now();
      const revised = await revise(clip, concept, {
        yes: yes.map((photo) => ({ hash: photo.hash, embedding: embeddingOf(photo) })),
        no: no.map(embeddingOf),
        typical: await typicalPhotos(library),
      });
      seconds += (performance.now() - started) / 1000;
      const told = new Set([...asked.map(({ path }) => path), ...ownPaths]);
      keep(
        way,
        averagePrecision(ranked, shows, told),
        averagePrecision(await rank(clip, revised, library), shows, told),
      );
    }
  }
  for (const [way, [before, after]] of Object.entries(sums)) {
    console.log(`  ${way.padEnd(16)} mAP ${(100 * before).toFixed(1)} -> ${(100 * after).toFixed(1)}`);
  }
  console.log(`  revised in ${(seconds / (3 * things.length)).toFixed(1)} s on average`);
  await library.close();
}

const work = await mkdtemp(join(tmpdir(), 'polar-review-'));
const clip = await loadClip('toybox');
try {
  const made = await makeToyboxPhotos(join(work, 'toybox'));
  const truth = await readToyboxPhotos(join(work, 'toybox'));
  const drawn = await Promise.all(
    made.things.map(async ({ name, className, examples }): Promise<Thing> => {
      const files = (await readdir(examples)).sort().map((file) => join(examples, file));
      return {
        name,
        className,
        examples: files,
        shows: (path) => truth.get(basename(path))?.shows.includes(name) ?? false,
      };
    }),
  );
  console.log(`Toybox: ${made.photos} photos, ${drawn.length} things`);
  await measure(clip, made.library, drawn, join(work, 'a'));

  if (!process.argv.includes('--toybox')) {
    const real = join(import.meta.dirname, '../../shared/data/photos');
    const folders = (await readdir(real, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const photographed = await Promise.all(
      folders.map(async ({ name }): Promise<Thing> => {
        const files = (await readdir(join(real, name))).filter((file) => file.endsWith('.jpg')).sort();
        return {
          name: `thing-${name}`,
          className: null,
          examples: files.slice(0, 2).map((file) => join(real, name, file)),
          shows: (path) => basename(dirname(path)) === name,
        };
      }),
    );
    console.log(`real photos: ${photographed.length} things, learnt from 2 photos each`);
    await measure(clip, real, photographed, join(work, 'b'));
  }
} finally {
  await clip.close();
  await rm(work, { recursive: true, force: true });
}
