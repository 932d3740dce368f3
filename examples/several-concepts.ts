// One sentence with two learnt things, a question in memory, and how well each was learnt.
// Run learn-and-search.ts first, which learns them.
import { basename } from 'node:path';
import { ask, ConceptStore, loadClip, measureSeparation, openInMemory, PhotoStore } from 'polar-vl';
import { readToyboxPhotos } from 'polar-vl/toybox';

const clip = await loadClip('toybox');
const concepts = await new ConceptStore('toybox-concepts').list();
console.log(concepts.map(({ name }) => name).join(', ')); //=> Bolt, Mimi, Rex
const photos = await openInMemory(new PhotoStore('toybox-index'), clip); // for a process that answers many questions
const truth = await readToyboxPhotos('toybox-world');

for (const plain of [false, true]) {
  const { text, hits } = await ask(clip, photos, { sentence: 'Rex and Mimi' }, { concepts, top: 5, plain });
  const both = hits.filter(({ path }) =>
    ['Rex', 'Mimi'].every((name) => truth.get(basename(path))!.shows.includes(name)),
  );
  console.log(`${text}: ${both.length} of ${hits.length} show both`);
}
//=> sks dog and sks cat: 5 of 5 show both
//=> dog and cat: 0 of 5 show both

for (const concept of concepts) {
  const found = await measureSeparation((query) => photos.search(query, photos.count), clip, concept);
  // The share of pairs in which a photo of the thing comes before another one, with the concept and without.
  console.log(`${concept.name}: ${found!.personal.auc > 0.95} ${found!.plain.auc > 0.95}`);
}
//=> Bolt: true false
//=> Mimi: true false
//=> Rex: true false
await photos.close();
await clip.close();
