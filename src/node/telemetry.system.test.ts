import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { built } from '../../test/program.ts';

it('an engine leaves nothing in the home folder: no device id, no events to be sent', async () => {
  const home = await mkdtemp(join(tmpdir(), 'polar-telemetry-'));
  const script = `
    const { loadClip } = await import(${JSON.stringify(built('node/load-clip.ts'))});
    const clip = await loadClip('toybox');
    await clip.encodeTexts(['a dog']);
    await clip.encodePixels(new Float32Array(3 * 80 * 80), 1); // on a worker thread
    await clip.close();`;
  const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...inherited } = process.env;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...inherited, HOME: home },
  });
  expect(await readdir(home, { recursive: true })).toEqual([]);
  await rm(home, { recursive: true });
});
