import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { outcomeOf, runPolar, startPolar } from '../../test/polar.ts';
import { describeWithShared, shared } from '../../test/shared.ts';
import { loadClip } from '../clip/load-clip.ts';
import { PhotoStore } from './photo-table.ts';

const MODEL = shared('golden/tiny-clip');
const PHOTOS = 1200;
const KILLS = 20;

describeWithShared('indexing that is killed again and again', () => {
  let base: string;
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'polar-kill-'));
    await mkdir(join(base, 'photos'));
    const source = await readFile(shared('data/photos/dog6/00.jpg'));
    for (let i = 0; i < PHOTOS; i++) {
      // The same picture with other bytes behind its end mark: cheap, and each has a hash of its own.
      await writeFile(join(base, 'photos', `${i}.jpg`), Buffer.concat([source, Buffer.from([i, i >> 8])]));
    }
    await writeFile(join(base, 'photos', 'bad.jpg'), 'no picture');
  });
  afterAll(() => rm(base, { recursive: true }));

  const index = (uri: string) => ['index', join(base, 'photos'), '--model', MODEL, '--index', uri, '--json'];
  const rows = async (uri: string) => {
    const clip = await loadClip(MODEL);
    const table = await new PhotoStore(uri).find(clip);
    const found = await table!.query().toArray();
    await clip.close();
    return found
      .map(({ path, hash, size, mtime, reason, embedding }) => ({
        ...{ path, hash, size, mtime, reason },
        embedding:
          embedding === null ? null : Array.from(embedding as Iterable<number>, (x) => x.toFixed(5)).join(),
      }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  };

  it(`ends with the same rows as an undisturbed run (SIGKILL at ${KILLS} random moments)`, async () => {
    const killed = join(base, 'killed');
    const whole = join(base, 'whole');
    let kills = 0;
    while (kills < KILLS) {
      const child = startPolar(base, index(killed));
      const ended = outcomeOf(child);
      const timer = setTimeout(() => child.kill('SIGKILL'), 700 + Math.random() * 900);
      const { code, stderr } = await ended;
      clearTimeout(timer);
      if (child.signalCode === 'SIGKILL') kills++;
      else {
        expect({ code, stderr: stderr.replace(/^skipped .*\n/, '') }).toEqual({ code: 0, stderr: '' });
        await rm(killed, { recursive: true }); // all done before the kills were: start over
      }
    }
    const last = await runPolar(base, index(killed));
    expect(last.code, last.stderr).toBe(0);
    await runPolar(base, index(whole));
    const expected = await rows(whole);
    expect(expected).toHaveLength(PHOTOS + 1);
    expect(await rows(killed)).toEqual(expected);
  }, 300_000);
});
