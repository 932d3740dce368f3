// A photo library that is kept up to date, and questions with filters, photos and negatives. No concept is needed.
// Run learn-and-search.ts first, which draws the photos.
import { basename } from 'node:path';
import { loadClip, openLibrary } from 'polar-vl';
import { readToyboxPhotos } from 'polar-vl/toybox';

const clip = await loadClip('toybox');
const library = await openLibrary('toybox-index', clip); // a folder, or s3://bucket/prefix
const { unchanged } = await library.index('toybox-world/library'); // reads only what changed
console.log(unchanged === (await library.count())); //=> true

const truth = await readToyboxPhotos('toybox-world');
const settingOf = (path: string) => truth.get(basename(path))!.setting;

const beach = await library.search('a photo at the beach', { top: 3 });
console.log(beach.hits.map(({ path }) => settingOf(path)).join(', ')); //=> beach, beach, beach

const summer = { after: new Date('2024-06-01'), before: new Date('2024-09-01') };
const { hits } = await library.search('a photo at the beach', { ...summer, top: 5 });
console.log(hits.every(({ taken }) => taken! >= +summer.after && taken! < +summer.before)); //=> true

// A photo itself comes first among those like it.
const [best] = beach.hits;
const alike = await library.search('', { like: [best!.path], top: 3 });
console.log(alike.hits[0]!.path === best!.path, alike.hits[0]!.score.toFixed(2)); //=> true 1.00

const without = await library.search('a dog', { not: ['a photo in the snow'], top: 10 });
console.log(without.hits.some(({ path }) => settingOf(path) === 'snow')); //=> false
await clip.close();
