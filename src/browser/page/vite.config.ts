import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { makeToyboxPhotos } from '../../benchmarks/toybox/index.ts';
import { MODEL_FILES, SINGLE_WEIGHTS } from '../../clip/model-files.ts';
import type { Samples } from './samples.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

// Drawn once; "npm ci" empties the folder.
const SAMPLES_CACHE = fromRoot('node_modules/.cache/polar/toybox-photos');

/** Puts the small model and photos of its world beside the page, where this checkout has it. */
const withToybox: Plugin = {
  name: 'with-toybox',
  async writeBundle({ dir }) {
    const from = fromRoot('models/toybox');
    if (!existsSync(join(from, SINGLE_WEIGHTS))) return;
    const model = join(dir!, 'toybox');
    await mkdir(model, { recursive: true });
    for (const name of [...MODEL_FILES, SINGLE_WEIGHTS]) await copyFile(join(from, name), join(model, name));
    await copySamples(join(dir!, 'samples'));
  },
};

async function copySamples(folder: string): Promise<void> {
  const made = join(SAMPLES_CACHE, 'made.json');
  if (!existsSync(made)) {
    const { things } = await makeToyboxPhotos(SAMPLES_CACHE);
    await writeFile(made, JSON.stringify(things.map(({ name, className }) => ({ name, className }))));
  }
  const copy = async (name: string): Promise<string[]> => {
    await cp(join(SAMPLES_CACHE, name), join(folder, name), { recursive: true });
    return (await readdir(join(SAMPLES_CACHE, name))).sort().map((file) => `${name}/${file}`);
  };
  const samples: Samples = { things: [], library: await copy('library') };
  for (const { name, className } of JSON.parse(await readFile(made, 'utf8')) as Samples['things']) {
    samples.things.push({ name, className, photos: await copy(name) });
  }
  await writeFile(join(folder, 'index.json'), JSON.stringify(samples));
}

/** The page as a folder that any static host serves, below any path. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [withToybox],
  // ONNX Runtime's files are given by address (runtime-files.ts); without this they would be bundled a second time.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  build: { outDir: fromRoot('dist/browser/page'), emptyOutDir: true },
  worker: { format: 'es' },
});
