import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { TINY_CLIP } from '../../test/data.ts';
import { manyPhoto } from '../../test/many-photos.ts';
import { outcomeOf, spawnPolar, startPolar } from '../../test/polar.ts';
import { tableRows } from '../library/rows.fixture.ts';
import { addAsset, startImmich } from './immich.fixture.ts';

const PHOTOS = 300;
const STUCK = 150; // after the first commit, whatever the order

it('an index of immich that is killed in the middle goes on from there, with nothing lost or read twice', async () => {
  const immich = await startImmich('Toybox__polar');
  const home = await mkdtemp(join(tmpdir(), 'polar-immich-killed-'));
  const ids: string[] = [];
  for (let i = 0; i < PHOTOS; i++) ids.push(addAsset(immich, `${i}.jpg`, await manyPhoto(i)).id);
  const uri = join(home, 'library');
  const index = ['index', 'immich:', '--model', TINY_CLIP, '--index', uri, '--json'];
  const env = { IMMICH_URL: immich.url, IMMICH_API_KEY: immich.key };
  const rows = () => tableRows(uri, TINY_CLIP).catch(() => []);
  const previewsAsked = () => immich.requests.filter((request) => request.endsWith('/thumbnail')).length;

  // One preview never comes: however slow the machine, the run is in the middle when it is killed.
  immich.trouble.silent = new RegExp(`${ids[STUCK]}/thumbnail`);
  const child = startPolar(home, index, env);
  const ended = outcomeOf(child);
  while (child.exitCode === null && (await rows()).length === 0) await sleep(50);
  child.kill('SIGKILL');
  const { stderr } = await ended;
  expect(child.signalCode, stderr).toBe('SIGKILL');
  const kept = (await rows()).length;
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(PHOTOS);

  delete immich.trouble.silent;
  const before = previewsAsked();
  const { code, stdout, stderr: words } = await spawnPolar(home, index, env);
  expect(code, words).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([{ found: PHOTOS, added: PHOTOS - kept, unchanged: kept }]);
  expect(previewsAsked() - before).toBe(PHOTOS - kept);
  expect((await rows()).map(({ path }) => path)).toEqual(
    ids.map((id) => `${immich.url}/photos/${id}`).sort(),
  );
  await immich.close();
  await rm(home, { recursive: true });
});
