import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHOTOS, photo, TINY_CLIP } from './data.ts';
import { stripTypes } from './program.ts';
import { tsc } from './tsc.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** A program in a doc comment or a Markdown file, and what its comments say that it prints. */
interface Example {
  readonly name: string;
  readonly code: string;
  readonly prints: readonly string[];
  /** Whether it is a file of the folder examples. */
  readonly isFile: boolean;
}

/** The `@example` blocks of all doc comments of the library, in order of files. */
async function docExamples(): Promise<Example[]> {
  const files = (await readdir(join(root, 'src'), { recursive: true })).sort();
  const examples: Example[] = [];
  for (const file of files.filter((name) => /(?<!\.test|\.fixture)\.ts$/.test(name))) {
    const text = await readFile(join(root, 'src', file), 'utf8');
    for (const match of text.matchAll(/^ \* @example\n \* ```ts\n([\s\S]*?)^ \* ```$/gm)) {
      const next = /export (?:async )?(?:function|class|const) (\w+)/.exec(text.slice(match.index));
      examples.push(toExample(next![1]!, match[1]!.replace(/^ \* ?/gm, '')));
    }
  }
  return examples;
}

/** The programs in a Markdown file. */
async function markdownExamples(file: string): Promise<Example[]> {
  const text = await readFile(join(root, file), 'utf8');
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
  return blocks.map((code, index) => toExample(`${file.replace(/\W+/g, '-')}-${index}`, code));
}

/** The programs in examples/; first the one whose photos and concepts the others use. */
async function exampleFiles(): Promise<Example[]> {
  const files = await readdir(join(root, 'examples'));
  const isFirst = (file: string) => Number(file === 'learn-and-search.ts');
  files.sort((a, b) => isFirst(b) - isFirst(a));
  return Promise.all(
    files.map(async (file) =>
      toExample(file.replace('.ts', ''), await readFile(join(root, 'examples', file), 'utf8'), true),
    ),
  );
}

const toExample = (name: string, code: string, isFile = false): Example => ({
  name,
  isFile,
  code,
  prints: [...code.matchAll(/(?:^| )\/\/=> (.*)$/gm)].map(([, line]) => line!),
});

describe('the examples of the library', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let examples: Example[];
  beforeAll(async () => {
    examples = [
      ...(await docExamples()),
      ...(await markdownExamples('README.md')),
      ...(await markdownExamples('docs/library.md')),
      ...(await markdownExamples('docs/export.md')),
      ...(await exampleFiles()),
    ];
    folder = await mkdtemp(join(tmpdir(), 'polar-examples-'));
    // The hub's cache as the program leaves it after a download, with the tiny model under the name in the examples.
    const repository = join(folder, 'hub', 'models--openai--clip-vit-base-patch32');
    const commit = 'c0ffee'.padEnd(40, '0');
    await mkdir(join(repository, 'refs'), { recursive: true });
    await mkdir(join(repository, 'snapshots'));
    await writeFile(join(repository, 'refs', 'main'), commit);
    await symlink(TINY_CLIP, join(repository, 'snapshots', commit));
    await symlink(PHOTOS, join(folder, 'photos'));
    for (const [i, number] of ['00', '01', '02'].entries()) {
      await copyFile(photo(`dog6/${number}`), join(folder, `rex${i + 1}.jpg`));
      await copyFile(photo(`cat/${number}`), join(folder, `luna${i + 1}.jpg`));
    }
    // The built package by its name, as somebody has it who installed it.
    await mkdir(join(folder, 'node_modules'));
    await symlink(root, join(folder, 'node_modules', 'polar-vl'));
    const compilerOptions = {
      noEmit: true,
      noUnusedLocals: false, // an example may end with what it is about
      typeRoots: [join(root, 'node_modules/@types')],
    };
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    for (const { name, code } of examples) await writeFile(join(folder, `${name}.ts`), code);
    env = { ...process.env, HF_HOME: folder, HF_HUB_CACHE: join(folder, 'hub'), HF_HUB_OFFLINE: '1' };
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('the examples of the library are there for what the library is used for', () => {
    expect(examples.map((example) => example.name)).toEqual(
      expect.arrayContaining([
        'loadClip',
        'learn',
        'openLibrary',
        'encodeSentence',
        'saveConcept',
        'photo-library',
      ]),
    );
  });

  it('the examples of the library belong to a reference that is up to date, and every export is documented', async () => {
    const fresh = join(folder, 'api');
    // Fails where an export has no doc comment (typedoc.json).
    await run('npx', ['typedoc', '--out', fresh], { cwd: root });
    const files = (await readdir(fresh, { recursive: true })).filter((name) => name.endsWith('.md'));
    for (const file of files) {
      const [committed, now] = await Promise.all(
        [join(root, 'docs/api'), fresh].map((place) => readFile(join(place, file), 'utf8')),
      );
      expect(committed === now, `docs/api/${file} is old: run "npm run docs"`).toBe(true);
    }
  }, 120_000);

  it('the examples have the right types', async () => {
    const { stdout } = await tsc(['-p', folder], root).catch((error) => error);
    expect(stdout).toBe('');
  }, 120_000);

  /** Runs programs one after the other in one process, which loads the package once. */
  async function runAll(programs: readonly Example[]): Promise<void> {
    expect(programs.length).toBeGreaterThan(4);
    const files: string[] = [];
    for (const { name } of programs) files.push(await stripTypes(join(folder, `${name}.ts`)));
    const all = join(folder, 'all.mjs');
    const imports = files.map((file) => `console.log('\f'); await import(${JSON.stringify(file)});`);
    await writeFile(all, imports.join('\n'));
    const { stdout } = await run(process.execPath, [all], { cwd: folder, env });
    const [, ...printed] = stdout.split('\f\n');
    for (const [i, { name, prints }] of programs.entries()) {
      expect(prints.length, name).toBeGreaterThan(0);
      expect(printed[i], name).toBe(prints.map((line) => `${line}\n`).join(''));
    }
  }

  it(
    'the examples in documents run, and print what they say',
    () => runAll(examples.filter((one) => !one.isFile)),
    300_000,
  );

  it('the examples in the folder examples run one after the other, and print what they say', async () => {
    await runAll(examples.filter((one) => one.isFile));
  }, 300_000);
});
