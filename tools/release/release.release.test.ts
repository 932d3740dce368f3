import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE_PACKAGES, NODE_VERSION } from './archive.ts';
import { type Registry, startRegistry } from './registry.ts';
import { makeRelease } from './release.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const here = `${process.platform}-${process.arch}`;
// Made here, to be run elsewhere.
const elsewhere = here === 'win32-arm64' ? 'win32-x64' : 'win32-arm64';

// Raised on purpose only: everybody downloads and keeps this.
const MAX_TARBALL_BYTES = 16_000_000;
const MAX_INSTALLED_BYTES = 300_000_000;
const MINUTES = 60_000;

let folder: string;
let released: string;
let command: string;
let registry: Registry;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-release-test-'));
  released = join(folder, 'released');
  registry = await startRegistry(join(folder, 'registry')); // first: where it is not installed, that is said at once
  command = await makeRelease({
    root,
    folder: released,
    platforms: here in NODE_PACKAGES ? [here, elsewhere] : [elsewhere],
  });
}, 15 * MINUTES);
afterAll(async () => {
  await registry?.close();
  await rm(folder, { recursive: true });
});

/** The environment of a person with a new account: nothing of this one's settings, this project's `.npmrc` among them. */
async function newPerson(name: string): Promise<{ cwd: string; env: NodeJS.ProcessEnv }> {
  const cwd = join(folder, name);
  await mkdir(join(cwd, 'home'), { recursive: true });
  const { PATH, NODE_EXTRA_CA_CERTS, SystemRoot } = process.env;
  const env = {
    PATH,
    ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }),
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    HOME: join(cwd, 'home'),
    HF_HUB_OFFLINE: '1',
    npm_config_cache: join(folder, 'npm-cache'),
    npm_config_registry: registry.url,
    npm_config_update_notifier: 'false',
  };
  return { cwd, env };
}

/** Files under a folder, with the path of each and its size. */
async function filesIn(where: string): Promise<{ path: string; size: number }[]> {
  const entries = await readdir(where, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (path) => ({ path, size: (await stat(path)).size })));
}

/** What a new person does first, with the program `polar`. */
async function firstCommands(polar: string, where: { cwd: string; env: NodeJS.ProcessEnv }): Promise<void> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  expect((await run(polar, ['--version'], where)).stdout).toBe(`${version}\n`);
  expect((await run(polar, ['--help'], where)).stdout).toContain('Usage: polar');
  await run(polar, ['toybox', 'make-photos', 'toys'], where);
  expect((await run(polar, ['index', 'toys/library'], where)).stdout).toContain('226 photos (226 new');
  await run(polar, ['learn', 'Rex', 'toys/Rex', '--class', 'dog'], where);
  const found = await run(polar, ['search', 'rex on the beach', '--top', '3', '--json'], where);
  expect(JSON.parse(found.stdout)).toMatchObject({ model: 'toybox', photos: { length: 3 } });
  expect(found.stderr).toContain('Recognised: Rex');
}

describe('a release', () => {
  it('a release comes with checksums that fit and notes that list every file', async () => {
    const lines = (await readFile(join(released, 'SHA256SUMS'), 'utf8')).trim().split('\n');
    const notes = await readFile(join(released, 'RELEASE_NOTES.md'), 'utf8');
    const files = (await readdir(released)).filter((name) => /\.(tgz|tar\.gz|zip)$/.test(name));
    expect(lines.map((line) => line.slice(66)).sort()).toEqual(files.sort());
    for (const line of lines) {
      const bytes = await readFile(join(released, line.slice(66)));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(line.slice(0, 64));
      expect(notes).toContain(line.slice(66));
    }
  });

  it('a release holds the pages, the models and the licences, and nothing of the tests or the sources', async () => {
    const [tarball] = (await readdir(released)).filter((name) => /^polar-vl-\d/.test(name));
    const { size } = await stat(join(released, tarball!));
    console.log(`${tarball}: ${(size / 1e6).toFixed(2)} MB`);
    expect(size).toBeLessThan(MAX_TARBALL_BYTES);
    const listing = (await run('tar', ['tzf', join(released, tarball!)])).stdout;
    for (const part of [
      'dist/pages/app/index.html',
      'dist/browser/index.js',
      'models/toybox/model.safetensors',
      'LICENSE',
      'THIRD_PARTY_LICENSES.txt',
    ]) {
      expect(listing).toContain(`package/${part}\n`);
    }
    expect(listing).not.toMatch(/\.test\.|\.fixture\.|\.ts$(?<!\.d\.ts)/m);
  });

  it(
    'a release installs from a registry in an empty folder, light and without scripts, and works',
    async () => {
      const names = await readdir(released);
      await registry.publish(
        names.filter((name) => name.endsWith('.tgz')).map((name) => join(released, name)),
      );
      const person = await newPerson('person');
      const { stderr } = await run('npm', ['install', 'polar-vl'], person);
      expect(stderr).not.toContain('npm warn');
      const modules = join(person.cwd, 'node_modules');
      const files = await filesIn(modules);
      const bytes = files.reduce((sum, { size }) => sum + size, 0);
      const manifests = files.filter(({ path }) => path.endsWith('package.json'));
      console.log(`installed: ${(bytes / 1e6).toFixed(0)} MB`);
      expect(bytes).toBeLessThan(MAX_INSTALLED_BYTES);
      for (const { path } of manifests) {
        const { scripts } = JSON.parse(await readFile(path, 'utf8')) as { scripts?: Record<string, string> };
        const installing = ['preinstall', 'install', 'postinstall'].filter(
          (name) => scripts?.[name] !== undefined,
        );
        expect([path, installing]).toEqual([path, []]);
      }
      expect(await readdir(join(modules, '@polar-vl'))).toEqual([`engine-${here}`]);
      await firstCommands(join(modules, '.bin', 'polar'), person);

      await writeFile(
        join(person.cwd, 'use.mjs'),
        `import { loadClip } from 'polar-vl';
       const clip = await loadClip('toybox');
       console.log((await clip.encodeTexts(['a cat'])).rows);
       await clip.close();`,
      );
      expect((await run(process.execPath, ['use.mjs'], person)).stdout).toBe('1\n');

      // Where npm was kept from installing the engine, one line says so, and the other commands work.
      await rename(join(modules, '@polar-vl'), join(modules, 'away'));
      await expect(run(join(modules, '.bin', 'polar'), ['search', 'a cat'], person)).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /^polar: the engine .* cannot be loaded on [^\n]*optional dependency[^\n]*$/m,
        ),
      });
      await run(join(modules, '.bin', 'polar'), ['concepts'], person);
    },
    10 * MINUTES,
  );

  it(
    'a release installs in an empty folder by the command that it ends with',
    async () => {
      const person = await newPerson('from-files');
      await run('sh', ['-c', command], person);
      const used = await run(join(person.cwd, 'node_modules', '.bin', 'polar'), ['models'], person);
      expect(used.stdout).toContain('toybox');
      expect(await readdir(join(person.cwd, 'node_modules', '@polar-vl'))).toEqual([`engine-${here}`]);
    },
    5 * MINUTES,
  );

  it(
    'a release holds an archive that runs where no Node is, by a link too',
    async () => {
      const person = await newPerson('archive');
      const [archive] = (await readdir(released)).filter((name) => name.endsWith('.tar.gz'));
      await run('tar', ['xzf', join(released, archive!)], person);
      const programs = join(person.cwd, 'programs');
      await mkdir(programs);
      for (const program of ['dirname', 'readlink', 'sh']) {
        const { stdout } = await run('sh', ['-c', `command -v ${program}`]);
        await symlink(stdout.trim(), join(programs, program));
      }
      const link = join(programs, 'polar');
      await symlink(join(person.cwd, archive!.replace('.tar.gz', ''), 'polar'), link);
      const env = { ...person.env, PATH: programs };
      await expect(run('node', ['--version'], { env })).rejects.toThrow('ENOENT');
      await firstCommands(link, { cwd: person.cwd, env });
      const node = join(dirname(link), '..', archive!.replace('.tar.gz', ''), 'bin', 'node');
      expect((await run(node, ['--version'])).stdout).toBe(`v${NODE_VERSION}\n`);
    },
    5 * MINUTES,
  );

  it('a release holds an archive for another platform, with its Node and its engine', async () => {
    const [archive] = (await readdir(released)).filter((name) => name.endsWith(`${elsewhere}.zip`));
    const names: string[] = [];
    unzipSync(await readFile(join(released, archive!)), { filter: ({ name }) => names.push(name) === 0 });
    const top = archive!.replace('.zip', '');
    for (const part of [
      'polar.cmd',
      'bin/node.exe',
      'bin/LICENSE',
      'lib/node_modules/polar-vl/dist/cli/main.js',
      `lib/node_modules/@polar-vl/engine-${elsewhere}/onnxruntime_binding.node`,
    ]) {
      expect(names).toContain(`${top}/${part}`);
    }
  });
});
