import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_CLIP } from '../../test/data.ts';
import { writeManyPhotos } from '../../test/many-photos.ts';
import { outcomeOf, runPolar, startPolar } from '../../test/polar.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { PhotoStore } from './photo-store.ts';
import { tableRows } from './rows.fixture.ts';

const PHOTOS = 900;
const KILLS = 20;
const LONGEST_MS = 300; // of work before a kill

describe('indexing that is killed again and again', () => {
  let base: string;
  let clip: Clip;
  beforeAll(async () => {
    clip = await loadClip(TINY_CLIP);
    base = await mkdtemp(join(tmpdir(), 'polar-kill-'));
    await writeManyPhotos(join(base, 'photos'), PHOTOS);
    await writeFile(join(base, 'photos', 'bad.jpg'), 'no picture');
  });
  afterAll(async () => {
    await clip.close();
    await rm(base, { recursive: true });
  });

  const index = (uri: string) => [
    'index',
    join(base, 'photos'),
    '--model',
    TINY_CLIP,
    '--index',
    uri,
    '--json',
  ];
  const written = async (uri: string) => (await new PhotoStore(uri).find(clip))?.countRows() ?? 0;

  const isWriter = async (uri: string, pid: number) => {
    const lock = join(uri, '.writer.lock');
    const [token = ''] = await readdir(lock).catch(() => []);
    return (await readFile(join(lock, token), 'utf8').catch(() => '')).includes(`"pid":${pid},`);
  };
  const dataFiles = async (uri: string) =>
    (await readdir(uri, { recursive: true }).catch(() => [])).filter(
      (name) => name.startsWith('photos_') && name.endsWith('.lance'),
    ).length;

  it(`indexing that is killed again and again ends with the same rows as an undisturbed run (SIGKILL at ${KILLS} random moments)`, async () => {
    const killed = join(base, 'killed');
    const whole = join(base, 'whole');
    let kills = 0;
    let amidst = 0; // kills that left a part of the rows
    while (kills < KILLS) {
      const child = startPolar(base, index(killed));
      const ended = outcomeOf(child);
      let isOver = false;
      child.once('close', () => {
        isOver = true;
      });
      // However slow the machine is: every other kill falls into the work, the others into what follows a commit.
      const before = await dataFiles(killed);
      const hasCome = () =>
        kills % 2 === 0
          ? isWriter(killed, child.pid!)
          : dataFiles(killed).then((count) => count > Math.max(1, before));
      while (!isOver && !(await hasCome())) await sleep(25);
      await sleep(Math.random() * LONGEST_MS);
      child.kill('SIGKILL');
      const { code, stderr } = await ended;
      if (child.signalCode === 'SIGKILL') {
        kills++;
        const rows = await written(killed);
        if (rows > 0 && rows <= PHOTOS) amidst++;
      } else {
        expect({ code, stderr: stderr.replace(/^skipped .*\n/, '') }).toEqual({ code: 0, stderr: '' });
        await rm(killed, { recursive: true }); // all done before the kills were: start over
      }
    }
    expect(amidst).toBeGreaterThan(0);
    const last = await runPolar(base, index(killed));
    expect(last.code, last.stderr).toBe(0);
    await runPolar(base, index(whole));
    const expected = await tableRows(whole, TINY_CLIP);
    expect(expected).toHaveLength(PHOTOS + 1);
    expect(await tableRows(killed, TINY_CLIP)).toEqual(expected);
  }, 900_000);
});
