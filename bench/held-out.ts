/**
 * Whether a concept is judged alike when the trainings of its held-out photos take fewer and larger steps: verdicts,
 * photos found and photos called odd, against folds that are trained as long as the concept. Things of Toybox with its
 * drawn library, and things of a folder of folders of photos, with all of them as the library, read by the same model;
 * each as it is, and with one photo that shows another thing.
 *
 *     npx tsx bench/held-out.ts [folder of folders of photos]
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EmbeddedPhotos } from '../src/app/embedded-photos.ts';
import { type HeldOut, measureHeldOut } from '../src/app/held-out.ts';
import { normalizeRows, rowOf, stackRows } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { photoDecoding } from '../src/node/pixels/picture-batch.ts';
import { learnFromFeatures } from '../src/polar/learn.ts';
import { makeToyboxPhotos } from '../src/toybox/make-photos.ts';
import { machine } from './machine.ts';

const STEPS = [25, 50, 70, 100];
const SEEDS = [0, 1];
const FEWEST = 3; // of which one is then another thing's
const real = process.argv[2] ?? fileURLToPath(new URL('../test/photos', import.meta.url));

interface Thing {
  readonly className: string | null;
  readonly photos: readonly Float32Array[];
}

const clip = await loadClip('toybox', { threads: 1, device: 'cpu' });

async function embed(folder: string): Promise<Float32Array[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  const files = names.map((name) => join(folder, name));
  const embeddings = normalizeRows(await clip.encodeImages(files, photoDecoding(clip.preprocessorConfig)));
  return names.map((_, row) => rowOf(embeddings, row));
}

/** What is said of each thing: first with folds of the concept's own length, then with each of `STEPS`. */
async function judge(photos: readonly Float32Array[], things: readonly Thing[]): Promise<HeldOut[][]> {
  const library = new EmbeddedPhotos();
  for (const [index, embedding] of photos.entries()) library.add({ hash: String(index), embedding });
  const judged: HeldOut[][] = [];
  for (const [index, { className, photos: own }] of things.entries()) {
    const odd = own.with(2, things[(index + 1) % things.length]!.photos[0]!);
    for (const shown of [own, odd]) {
      const features = stackRows(shown, clip.dimension);
      const read = async () => ({ features, hashes: shown.map((_, i) => `own ${i}`) });
      const { concept } = await learnFromFeatures(clip, 'Rex', { count: shown.length, read }, { className });
      const all: HeldOut[] = [];
      for (const steps of [Number.POSITIVE_INFINITY, ...STEPS])
        all.push((await measureHeldOut(clip, concept, library, { steps }))!);
      judged.push(all);
    }
  }
  return judged;
}

const work = await mkdtemp(join(tmpdir(), 'polar-held-out-'));
const judged: HeldOut[][] = [];
try {
  for (const seed of SEEDS) {
    const made = await makeToyboxPhotos(join(work, String(seed)), { seed });
    const things: Thing[] = [];
    for (const { className, examples } of made.things)
      things.push({ className, photos: await embed(examples) });
    judged.push(...(await judge(await embed(made.library), things)));
  }
  const things: Thing[] = [];
  for (const entry of await readdir(real, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const photos = await embed(join(real, entry.name));
    if (photos.length >= FEWEST) things.push({ className: null, photos });
  }
  judged.push(
    ...(await judge(
      things.flatMap(({ photos }) => photos),
      things,
    )),
  );
} finally {
  await rm(work, { recursive: true, force: true });
  await clip.close();
}

console.log(`machine: ${machine()}; ${judged.length} concepts`);
for (const [i, steps] of STEPS.entries()) {
  const same = (key: 'verdict' | 'found' | 'misfit') =>
    judged.filter((all) => all[0]![key] === all[i + 1]![key]).length;
  const differences = judged.map((all) => Math.abs(all[0]!.auc - all[i + 1]!.auc));
  console.log(
    `${steps} steps: the same verdict ${same('verdict')}, photos found ${same('found')}, odd photo ${same('misfit')} times; share below them differs by ${(differences.reduce((sum, x) => sum + x, 0) / judged.length).toFixed(4)}, ${Math.max(...differences).toFixed(4)} at the most`,
  );
}
