import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { samplePhotos } from '../../../tools/sample-photos.ts';
import { MODEL_FILES, SINGLE_WEIGHTS } from '../../clip/hub/files.ts';
import type { Samples } from './samples.ts';

type Thing = Samples['things'][number];

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

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

async function copySamples(to: string): Promise<void> {
  const drawn = await samplePhotos();
  const copy = async (from: string): Promise<string[]> => {
    const name = basename(from);
    await cp(from, join(to, name), { recursive: true });
    return (await readdir(from)).sort().map((file) => `${name}/${file}`);
  };
  const things: Thing[] = [];
  for (const { name, className, examples } of drawn.things) {
    things.push({ name, className, photos: await copy(examples) });
  }
  const samples: Samples = { things, library: await copy(drawn.library) };
  await writeFile(join(to, 'index.json'), JSON.stringify(samples));
}

/** The page as a folder that any static host serves, below any path. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  publicDir: fromRoot('src/pages/app/public'), // the same icon
  plugins: [withToybox],
  // ONNX Runtime's files are given by address (runtime-files.ts); without this they would be bundled a second time.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  build: { outDir: fromRoot('dist/pages/browser'), emptyOutDir: true },
  worker: { format: 'es' },
});
