import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

/** The page as a folder that any static host serves, below any path. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  // ONNX Runtime's files are given by address (runtime-files.ts); without this they would be bundled a second time.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  build: { outDir: fileURLToPath(new URL('../../../dist/browser/page', import.meta.url)), emptyOutDir: true },
  worker: { format: 'es' },
});
