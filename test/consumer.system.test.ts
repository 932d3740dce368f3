import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tsc } from './tsc.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

describe('the packed package', () => {
  let folder: string;
  let tarball: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-pack-'));
    await run('npm', ['pack', '--pack-destination', folder], { cwd: root });
    [tarball] = (await readdir(folder)) as [string];
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true }));

  it('the packed package has types for each of its parts that a strict program compiles against, and runs with', async () => {
    const consumer = join(folder, 'consumer');
    await unpackBeside(join(folder, tarball), consumer);
    const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { exports: object };
    const parts = Object.keys(exports).map((part) => part.replace('.', 'polar-vl'));
    expect(parts).toEqual(expect.arrayContaining(['polar-vl', 'polar-vl/clip', 'polar-vl/browser']));
    const program = [
      ...parts.map((part, i) => `import * as part${i} from '${part}';`),
      ...parts.map((part, i) => `console.log('${part}', Object.keys(part${i}).length > 0);`),
    ];
    await writeFile(join(consumer, 'use.ts'), program.join('\n'));
    // Its example cannot run under Node; here it is held against the types.
    const [, page] = /^```ts\n([\s\S]*?)^```$/m.exec(await readFile(join(root, 'docs/browser.md'), 'utf8'))!;
    await writeFile(join(consumer, 'page.ts'), page!);

    const strict = ['--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--types', 'node'];
    const args = [...strict, '--lib', 'ES2023,DOM,DOM.Iterable', 'use.ts', 'page.ts'];
    for (const resolution of ['--module nodenext', '--module esnext --moduleResolution bundler']) {
      const compiling = tsc([...args, ...resolution.split(' ')], consumer);
      expect((await compiling.catch((error) => error)).stdout, resolution).toBe('');
      const { stdout } = await run(process.execPath, ['use.js'], { cwd: consumer });
      expect(stdout).toBe(parts.map((part) => `${part} true\n`).join(''));
    }
    // The compiler sees the types at all: an option that does not exist is refused.
    await writeFile(join(consumer, 'page.ts'), page!.replace('className:', 'clasName:'));
    const wrong = await tsc([...args, '--module', 'nodenext'], consumer).catch((error) => error);
    expect(wrong.stdout).toMatch(/^page\.ts\(.*'clasName' does not exist in type 'LearnOptions'/);
  }, 300_000);
});

/** A project that has the package installed, and all that it depends on as a link to what is installed here. */
async function unpackBeside(file: string, project: string): Promise<void> {
  const own = join(project, 'node_modules', 'polar-vl');
  await mkdir(own, { recursive: true });
  await run('tar', ['xzf', file, '-C', own, '--strip-components=1']);
  await writeFile(join(project, 'package.json'), '{"private": true, "type": "module"}');
  const { dependencies, peerDependencies } = JSON.parse(await readFile(join(own, 'package.json'), 'utf8'));
  // What somebody adds who writes TypeScript for Node.
  for (const name of Object.keys({ ...dependencies, ...peerDependencies, '@types/node': '' })) {
    const link = join(project, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(await realpath(join(root, 'node_modules', name)), link);
  }
}
