import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

const MOST_FILES = 20; // what fits on a screen, and in a head

describe('the folders of the source', () => {
  it(`the folders of the source hold at most ${MOST_FILES} files each`, async () => {
    const counts = new Map<string, number>();
    for (const entry of await readdir(join(root, 'src'), { recursive: true, withFileTypes: true })) {
      if (!/(?<!\.test|\.fixture)\.tsx?$/.test(entry.name)) continue;
      const folder = relative(root, entry.parentPath);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(20);
    expect([...counts].filter(([, count]) => count > MOST_FILES)).toEqual([]);
  });
});

describe('the rule of imports in biome.layers.json', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-layers-'));
    for (const file of ['biome.json', 'biome.layers.json'])
      await copyFile(join(root, file), join(folder, file));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** The files of a program that break a rule, and which one. */
  async function lint(files: Readonly<Record<string, string>>): Promise<string[]> {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(join(folder, 'src', dirname(file)), { recursive: true });
      await writeFile(join(folder, 'src', file), text);
    }
    const biome = join(root, 'node_modules/.bin/biome');
    const args = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.'];
    const { stdout } = await run(biome, args, { cwd: folder }).catch((error) => error);
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { category: string; location: { path: string } }[];
    };
    return diagnostics
      .map(({ category, location }) => `${location.path.replace('src/', '')} ${category.split('/').at(-1)}`)
      .sort();
  }
  const importing = (from: string) => `import { x } from '${from}';\n\nexport const y = x;\n`;
  const importingType = (from: string) => `import type { X } from '${from}';\n\nexport type Y = X;\n`;
  const exporting = (from: string) => `export { x } from '${from}';\n`;
  const loading = (from: string) => `export const y = await import('${from}');\n`;

  it('the rule of imports refuses an import upwards or sideways, of types too', async () => {
    const upwards = {
      'clip/graphs/a.ts': '../../polar/b.ts',
      'clip/a.ts': '../node/b.ts',
      'polar/concept/a.ts': '../../node/b.ts',
      'polar/query/a.ts': '../../library/b.ts',
      'app/a.ts': '../library/b.ts',
      'node/a.ts': '../library/b.ts',
      'node/c.ts': '../browser/b.ts',
      'browser/a.ts': '../node/b.ts',
      'library/a.ts': '../benchmarks/data/b.ts',
      'toybox/a.ts': '../benchmarks/b.ts',
      'benchmarks/protocol/a.ts': '../../cli/b.ts',
      'server/routes/a.ts': '../../cli/b.ts',
      'cli/a.ts': '../pages/app/b.ts',
      'matrix.ts': './clip/b.ts',
    };
    for (const program of [importing, importingType, exporting, loading]) {
      const files = Object.entries(upwards).map(([file, from]) => [file, program(from)]);
      const refused = Object.keys(upwards).map((file) => `${file} noRestrictedImports`);
      expect(await lint(Object.fromEntries(files)), program('')).toEqual(refused.sort());
    }
  });

  it('the rule of imports allows an import downwards and within a room', async () => {
    const downwards = {
      'polar/concept/a.ts': '../../clip/graphs/b.ts',
      'app/a.ts': '../polar/query/b.ts',
      'library/a.ts': '../app/b.ts',
      'server/routes/a.ts': '../../library/b.ts',
      'pages/app/a.ts': '../../server/b.ts',
      'clip/a.ts': './graphs/b.ts',
      'clip/graphs/a.ts': '../../matrix.ts',
    };
    const files = Object.entries(downwards).map(([file, from]) => [file, importing(from)]);
    expect(await lint(Object.fromEntries(files))).toEqual([]);
  });

  it('the rule of imports refuses what needs Node in what runs anywhere', async () => {
    const names = ['node:fs/promises', 'sharp', '@lancedb/lancedb', 'onnxruntime-node', 'fflate'];
    const rooms = ['clip/graphs', 'polar', 'app'];
    const files = rooms.flatMap((room) =>
      names.map((name, index): [string, string] => [`${room}/a${index}.ts`, importing(name)]),
    );
    const refused = files.filter(([, text]) => !text.includes('fflate'));
    expect(await lint(Object.fromEntries(files))).toEqual(
      refused.map(([file]) => `${file} noRestrictedImports`).sort(),
    );
  });

  it('the rule of imports refuses a circle of files, of types too', async () => {
    const files = { 'node/a.ts': importingType('./b.ts'), 'node/b.ts': importingType('./a.ts') };
    expect(await lint(files)).toEqual(['node/a.ts noImportCycles', 'node/b.ts noImportCycles']);
  });
});
