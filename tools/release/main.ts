/**
 * Makes a release from the files that git tracks here: npm packages, archives with Node inside, checksums, notes.
 *
 *     npm run release <folder> [platform ...]     platforms such as linux-x64; all when none is named
 *
 * Publishes nothing. The last line on stdout is the command that installs it in an empty folder.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE_PACKAGES } from './archive.ts';
import { makeRelease } from './release.ts';

const [folder, ...named] = process.argv.slice(2);
const known = Object.keys(NODE_PACKAGES);
const unknown = named.find((platform) => !known.includes(platform));
if (folder === undefined || unknown !== undefined) {
  const found = unknown === undefined ? 'no folder is named' : `"${unknown}" is no platform`;
  console.error(`release: ${found}; expected npm run release <folder> [${known.join(' | ')} ...]`);
  process.exit(1);
}
const root = fileURLToPath(new URL('../..', import.meta.url));
const platforms = named.length === 0 ? known : named;
console.log(await makeRelease({ root, folder: resolve(folder), platforms, onNote: console.error }));
