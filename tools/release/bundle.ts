import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { engineName } from './engine-packages.ts';

/**
 * Packages that stay dependencies: those with native parts, those that the code for browsers imports too (a browser's
 * bundler resolves them), libheif under its own licence (LGPL, so that it can be exchanged), and `open`, which brings
 * a program beside its code.
 */
export const KEPT = [
  '@huggingface/tokenizers',
  'fflate',
  'heic-decode',
  'html-entities',
  'libheif-js',
  'open',
  'protobufjs',
  'sharp',
] as const;

// Named by a bundled package and never used here, or an optional peer (onnxruntime-web): not installed.
const ABSENT = ['@huggingface/transformers', 'openai', 'canvas', 'onnxruntime-web'];
const PLATFORM_PACKAGE = /^@lancedb\/lancedb-|\.node$/;
// CommonJS inside an ES module: esbuild's stand-in for `require` calls this one.
const REQUIRE =
  'import { createRequire as makeRequire } from "node:module";\nconst require = makeRequire(import.meta.url);\n';
const NAMED = 'named';
// Where onnxruntime-node's code loads its binary from.
const BINDING =
  /\.\.\/bin\/napi-v6\/(\$\{process\.platform\})\/(\$\{process\.arch\})(?=\/onnxruntime_binding\.node)/;

/** One bundled package and its licence, as its authors wrote it. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/**
 * Copies the built package from `dist` to `target`, its files where they are, and puts the code of the packages that
 * they import into `packages/` there, so that installing it brings neither those packages nor their install scripts.
 *
 * @returns the packages whose code is inside
 */
export async function bundlePackages(dist: string, target: string): Promise<Bundled[]> {
  const files = (await readdir(dist, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)));
  const isPage = (file: string) => file.startsWith(`pages${sep}`) || file.startsWith(`browser${sep}`);
  const importers = new Set<string>(); // own files that import a bundled package
  const { outputFiles, metafile } = await build({
    entryPoints: files
      .filter((file) => file.endsWith('.js') && !isPage(file))
      .map((file) => join(dist, file)),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outdir: target,
    outbase: dist,
    chunkNames: 'packages/[name]-[hash]',
    legalComments: 'none', // the licences are in a file of their own
    minifySyntax: true,
    minifyWhitespace: true,
    write: false,
    metafile: true,
    absWorkingDir: dist,
    logLevel: 'error',
    plugins: [packagesOnly(dist, importers)],
  });
  for (const file of files) {
    if (file.startsWith(join('pages', 'browser'))) continue; // the page for browsers alone is hosted, not installed
    await mkdir(dirname(join(target, file)), { recursive: true });
    await cp(join(dist, file), join(target, file));
  }
  for (const { path, text } of outputFiles) {
    const file = relative(target, path);
    if (files.includes(file) && !importers.has(join(dist, file))) continue; // stays as it was built
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text.includes('typeof require') ? withRequire(text) : text);
  }
  return bundledIn(dist, Object.keys(metafile.inputs));
}

/** Leaves this project's own files and the kept packages where they are, and the engine's binary in its package. */
function packagesOnly(dist: string, importers: Set<string>): Plugin {
  const outside = [...KEPT, ...ABSENT];
  return {
    name: 'packages-only',
    setup: (esbuild) => {
      esbuild.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
        if (kind === 'entry-point') return undefined;
        const isOwn = importer.startsWith(dist + sep);
        const isKept = outside.some((name) => path === name || path.startsWith(`${name}/`));
        if (isKept || PLATFORM_PACKAGE.test(path) || (isOwn && path.startsWith('.'))) {
          return { path, external: true };
        }
        if (isOwn && !isBuiltin(path)) importers.add(importer);
        return isOwn && kind === 'dynamic-import' && !isBuiltin(path)
          ? { path, namespace: NAMED }
          : undefined;
      });
      // Imported later, a CommonJS package would have no names but `default`: those that Node finds are written out.
      esbuild.onLoad({ filter: /.*/, namespace: NAMED }, async ({ path }) => {
        const names = Object.keys(await import(path)).filter((name) => /^[\w$]+$/.test(name));
        return { contents: `export { ${names.join(', ')} } from ${JSON.stringify(path)};`, resolveDir: dist };
      });
      esbuild.onLoad({ filter: /onnxruntime-node.dist.binding\.js$/ }, async ({ path }) => {
        const code = await readFile(path, 'utf8');
        if (!BINDING.test(code)) throw new Error(`${path}: does not load its binary as expected, ${BINDING}`);
        return { contents: code.replace(BINDING, engineName('$1', '$2')), loader: 'js' };
      });
    },
  };
}

const withRequire = (code: string): string =>
  code.startsWith('#!') ? code.replace('\n', () => `\n${REQUIRE}`) : REQUIRE + code;

/** The packages that these files belong to, by name. */
async function bundledIn(base: string, inputs: readonly string[]): Promise<Bundled[]> {
  const folders = new Set<string>();
  for (const input of inputs) {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll(sep, '/')) ?? [];
    if (folder !== undefined) folders.add(join(base, folder));
  }
  const found: Bundled[] = [];
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
      license?: string;
    };
    const names = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
    const texts = await Promise.all(names.map((file) => readFile(join(folder, file), 'utf8')));
    found.push({ name, version, licence: texts.join('\n') || `Licence: ${license ?? 'not stated'}` });
  }
  return found.sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
}
