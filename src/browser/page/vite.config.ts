import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { MODEL_FILES, SINGLE_WEIGHTS } from '../../clip/model-files.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Puts the small model beside the page, where this checkout has it. */
const withToybox: Plugin = {
  name: 'with-toybox',
  async writeBundle({ dir }) {
    const from = fromRoot('models/toybox');
    if (!(await stat(join(from, SINGLE_WEIGHTS)).catch(() => undefined))) return;
    const to = join(dir!, 'toybox');
    await mkdir(to, { recursive: true });
    for (const name of [...MODEL_FILES, SINGLE_WEIGHTS]) await copyFile(join(from, name), join(to, name));
  },
};

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
