import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { madeOnce } from '../../../tools/made-once.ts';
import { MODEL_FILES, SINGLE_WEIGHTS } from '../../clip/hub/files.ts';
import { makeToyboxPhotos } from '../../toybox/index.ts';
import type { Samples } from './samples.ts';

type Thing = Samples['things'][number];

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const SAMPLES_CACHE = fromRoot('node_modules/.cache/polar/sample-photos');
const THINGS = 'things.json';

/** Puts the small model and photos of its world beside the page, where this checkout has it. */
const withToybox: Plugin = {
  name: 'with-toybox',
  async writeBundle({ dir }) {
    const from = fromRoot('models/toybox');
    if (!existsSync(join(from, SINGLE_WEIGHTS))) return;
    const model = join(dir!, 'toybox');
    await mkdir(model, { recursive: true });
    const files = MODEL_FILES.filter((name) => existsSync(join(from, name)));
    for (const name of files) await copyFile(join(from, name), join(model, name));
    await copySamples(join(dir!, 'samples'));
  },
};

/** Drawing takes ten seconds, so that it is done once for every state of the world and of the code that draws it. */
async function drawSamples(): Promise<string> {
  const sources: string[] = [];
  for (const folder of ['models/toybox-world', 'src/toybox']) {
    for (const entry of await readdir(fromRoot(folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) sources.push(join(entry.parentPath, entry.name));
    }
  }
  return madeOnce(SAMPLES_CACHE, sources.sort(), async (folder) => {
    const { things } = await makeToyboxPhotos(folder);
    const named = things.map(({ name, className }) => ({ name, className }));
    await writeFile(join(folder, THINGS), JSON.stringify(named));
  });
}

async function copySamples(to: string): Promise<void> {
  const drawn = await drawSamples();
  const copy = async (name: string): Promise<string[]> => {
    await cp(join(drawn, name), join(to, name), { recursive: true });
    return (await readdir(join(drawn, name))).sort().map((file) => `${name}/${file}`);
  };
  const things: Thing[] = [];
  for (const thing of JSON.parse(await readFile(join(drawn, THINGS), 'utf8')) as Omit<Thing, 'photos'>[]) {
    things.push({ ...thing, photos: await copy(thing.name) });
  }
  const samples: Samples = { things, library: await copy('library') };
  await writeFile(join(to, 'index.json'), JSON.stringify(samples));
}

/** The page as a folder that any static host serves, below any path. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [withToybox],
  // ONNX Runtime's files are given by address (runtime-files.ts); without this they would be bundled a second time.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  build: { outDir: fromRoot('dist/pages/browser'), emptyOutDir: true },
  worker: { format: 'es' },
});
