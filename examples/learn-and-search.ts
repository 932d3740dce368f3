// Teaches a dog to Toybox, the small model that comes with the package, and finds it with a sentence.
// In a clone: `npm run build`, then `npx tsx examples/learn-and-search.ts`. The other examples use its photos.
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConceptStore, learn, loadClip, openLibrary } from 'polar-vl';
import { makeToyboxPhotos, readToyboxPhotos } from 'polar-vl/toybox';

const world = await makeToyboxPhotos('toybox-world'); // drawn, so that this needs no photos and no network
const clip = await loadClip('toybox');
const library = await openLibrary('toybox-index', clip);
const { skipped } = await library.index(world.library);
console.log((await library.count()) === world.photos, skipped.length); //=> true 0

const concepts = new ConceptStore('toybox-concepts');
for (const { name, className, examples } of world.things) {
  const photos = (await readdir(examples)).sort().map((file) => join(examples, file));
  const { concept } = await learn(clip, name, photos, { className });
  await concepts.save(concept);
}

const { text, hits } = await library.search('Rex in the snow', { concepts: await concepts.list(), top: 2 });
console.log(text); //=> sks dog in the snow
const truth = await readToyboxPhotos('toybox-world');
for (const { path, relevance } of hits) {
  const { shows, setting } = truth.get(basename(path))!;
  console.log(`${relevance}: ${shows.join(' and ')}, ${setting}`);
}
//=> strong: Rex, snow
//=> strong: Rex, snow
await clip.close();
