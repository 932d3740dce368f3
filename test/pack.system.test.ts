import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHOTOS, TINY_CLIP } from './data.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

// Raised on purpose only: everybody downloads this. The embedded model is most of it.
const MAX_TARBALL_BYTES = 15_000_000;

describe('the packed package', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-pack-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is small, installs elsewhere, and runs there as a command and as a library', async () => {
    await run('npm', ['run', 'build'], { cwd: root });
    await run('npm', ['pack', '--pack-destination', folder], { cwd: root });
    const [tarball] = await readdir(folder);
    const { size } = await stat(join(folder, tarball!));
    console.log(`${tarball}: ${(size / 1e6).toFixed(2)} MB`);
    expect(size).toBeLessThan(MAX_TARBALL_BYTES);
    const listing = (await run('tar', ['tzf', join(folder, tarball!)])).stdout;
    for (const part of [
      'dist/pages/app/index.html',
      'dist/browser/index.js',
      'models/toybox/model.safetensors',
    ]) {
      expect(listing).toContain(`package/${part}\n`);
    }
    expect(listing).not.toMatch(/\.test\.|\.fixture\.|\.ts$(?<!\.d\.ts)/m);

    await writeFile(join(folder, 'package.json'), '{"private": true, "type": "module"}');
    // What a user of an older npm has to set too: docs/dependencies.md says why.
    const env = {
      ...process.env,
      npm_config_onnxruntime_node_install: 'skip',
      ONNXRUNTIME_NODE_INSTALL: 'skip',
      POLAR_HOME: join(folder, 'home'),
      HF_HUB_OFFLINE: '1',
    };
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], {
      cwd: folder,
      env,
    });
    const polar = join(folder, 'node_modules', '.bin', 'polar');
    const model = TINY_CLIP;
    expect((await run(polar, ['--version'], { env })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    await run(polar, ['index', join(PHOTOS, 'cat'), '--model', model], { env });
    const found = await run(polar, ['search', 'a cat', '--top', '2'], { env });
    expect(found.stdout.trim().split('\n')).toHaveLength(2);
    // With no model named and none in the cache, the one in the package does, without a network.
    const fresh = { ...env, POLAR_HOME: join(folder, 'fresh'), HF_HOME: join(folder, 'hub') };
    await run(polar, ['index', join(PHOTOS, 'cat')], { env: fresh });
    const json = await run(polar, ['search', 'a cat', '--top', '2', '--json'], { env: fresh });
    expect(JSON.parse(json.stdout)).toMatchObject({ model: 'toybox', photos: { length: 2 } });
    await writeFile(
      join(folder, 'use.js'),
      `import { loadClip } from 'polar-vl';
       const clip = await loadClip(${JSON.stringify(model)});
       console.log((await clip.encodeTexts(['a cat'])).columns);
       await clip.close();`,
    );
    expect((await run(process.execPath, ['use.js'], { cwd: folder, env })).stdout).toBe('32\n');
  }, 300_000);
});
