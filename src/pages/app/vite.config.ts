import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The page of `polar serve`. */
export default defineConfig({
  root: here('.'),
  // The page's policy of content lets nothing be fetched but files of the server.
  build: {
    outDir: here('../../../dist/pages/app'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
  },
});
