import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readToyboxPhotos } from '../src/toybox/make-photos.ts';
import { PHOTO_COUNT, PHOTOS, photo, TINY_CLIP } from './data.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
const readme = await readFile(join(root, 'README.md'), 'utf8');

/** Commands of the README's console blocks, each with the output that it shows. */
function examples(): { command: string; output: string }[] {
  const blocks = [...readme.matchAll(/```console\n([\s\S]*?)```/g)].map(([, body]) => body!);
  return blocks.flatMap((body) =>
    body
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [command, ...output] = part.split('\n');
        return { command: command!, output: output.join('\n') };
      }),
  );
}

/** The shown output, in which … stands for anything within a line. */
function toPattern(output: string): RegExp {
  const quoted = output.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('…', '[^\\n]*');
  return new RegExp(`^${quoted}$`);
}

it('the README, package.json and CI name the same commands', async () => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const [main, test] = [...readme.matchAll(/^npm ci && npm run (\w+).*$/gm)];
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining([main![1], test![1]]));
  expect(await readFile(join(root, '.ci', 'run'), 'utf8')).toContain(`\n${test![0]}\n`);
  expect(examples().length).toBeGreaterThan(5);
});

describe("the README's commands", () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const tsx = import.meta.resolve('tsx');
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-readme-'));
    const main = join(root, 'dist', 'cli', 'main.js');
    await writeFile(join(folder, 'polar'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
    await chmod(join(folder, 'polar'), 0o755);
    const { POLAR_MODEL: _, POLAR_INDEX: __, ...inherited } = process.env;
    env = {
      ...inherited,
      POLAR_HOME: join(folder, 'home'),
      HF_HOME: join(folder, 'hub'),
      HF_HUB_OFFLINE: '1',
      POLAR_IS_BUILT: '1',
      PATH: `${folder}:${process.env.PATH}`,
    };
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("the README's commands print what it shows", async () => {
    for (const { command, output } of examples()) {
      const result = await run('sh', ['-c', `{ ${command}; } 2>&1`], { cwd: folder, env });
      expect(result.stdout, command).toMatch(toPattern(output));
    }
    expect((await readFile(join(folder, 'found.txt'), 'utf8')).trim().split('\n')).toHaveLength(12);
    expect((await stat(join(folder, 'rex.html'))).size).toBeGreaterThan(50_000);
  }, 400_000);

  /** The main command as `npm run demo` calls it, in a folder of its own. */
  const demo = (...args: string[]) =>
    run(process.execPath, ['--import', tsx, join(root, 'tools', 'demo.ts'), ...args], { cwd: folder, env });

  it('the main command finds Rex in the snow first, and writes its page', async () => {
    const { stdout } = await demo();
    const truth = [...(await readToyboxPhotos(join(folder, 'polar-demo'))).values()];
    const snowy = truth.filter(({ setting, shows }) => setting === 'snow' && shows.includes('Rex'));
    const found = stdout.split('\n').flatMap((line) => /IMG_\d+\.jpg$/.exec(line)?.[0] ?? []);
    expect(found).toHaveLength(12);
    expect(found.slice(0, snowy.length).sort()).toEqual(snowy.map(({ file }) => file).sort());
    expect(stdout).toContain('Open polar-demo.html to see them');
    expect((await readFile(join(folder, 'polar-demo.html'), 'utf8')).match(/<img /g)).toHaveLength(12);
  }, 400_000);

  describe('with photos of dogs and things', () => {
    it('the main command indexes, learns, searches and writes its page', async () => {
      const photos = ['00', '01', '02'].map((name) => photo(`dog6/${name}`));
      const page = join(folder, 'demo.html');
      const { stdout } = await demo(
        ...['--model', TINY_CLIP, PHOTOS, 'Rex', ...photos, '--class', 'dog', '--page', page],
      );
      expect(stdout).toContain(`${PHOTO_COUNT} photos (${PHOTO_COUNT} new, 0 unchanged)`);
      expect(stdout).toContain('Rex learnt from 3 photos');
      expect(stdout).toContain(`Open ${page} to see them`);
      expect((await readFile(page, 'utf8')).match(/<img /g)).toHaveLength(12);
    }, 400_000);
  });
});
