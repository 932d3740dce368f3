import { execFile } from 'node:child_process';
import { open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHOTOS, TINY_CLIP } from '../../../test/data.ts';
import { outcomeOf, runPolar, startPolar } from '../../../test/polar.ts';
import { compileFixture } from '../../../test/program.ts';
import { type Clip, loadClip } from '../../node/load-clip.ts';
import { makeConConChi, temporaryFolder } from '../data/data-sets.fixture.ts';
import { extractFeatures } from './extract.ts';
import { modelSlug, readFeatureFile } from './features.ts';
import { readNpy } from './npy.ts';

const DIMENSION = 32; // of TINY_CLIP's embeddings
const ROW_BYTES = DIMENSION * 4;
const HEADER_BYTES = 128;

describe('extraction', () => {
  let folder: string;
  let clip: Clip;
  const photos = join(PHOTOS, 'dog');
  let names: string[];
  beforeAll(async () => {
    folder = await temporaryFolder();
    clip = await loadClip(TINY_CLIP);
    names = (await readdir(photos)).sort();
  });
  afterAll(async () => {
    await clip.close();
    await rm(folder, { recursive: true });
  });

  it('extraction writes unit rows in order, and again only when an image changes', async () => {
    const file = join(folder, 'feats', 'a.npy');
    const extract = (images: readonly string[]) =>
      extractFeatures(clip, { root: photos, names: images, file, batchSize: 2 });
    expect(await extract(names)).toBe('extracted');
    expect(await extract(names)).toBe('unchanged');
    const { rows, data } = await readFeatureFile(file, names.length, clip);
    expect(rows).toBe(5);
    const embedding = await clip.encodeImages([join(photos, names[3]!)]);
    const norm = Math.hypot(...embedding.data);
    embedding.data.forEach((value, i) => {
      expect(data[3 * DIMENSION + i]).toBeCloseTo(value / norm, 5);
    });
    expect(await extract([...names].reverse())).toBe('extracted');
    expect((await readNpy(file)).data.slice(0, 4)).toEqual(data.slice(4 * DIMENSION, 4 * DIMENSION + 4));
    expect(await readdir(join(folder, 'feats'))).toEqual(['a.npy', 'a.npy.json']);
  });

  it('extraction leaves features of another program alone', async () => {
    const file = join(folder, 'released.npy');
    await writeFile(file, 'not ours');
    expect(await extractFeatures(clip, { root: photos, names, file, batchSize: 2 })).toBe('foreign');
    expect(await readFile(file, 'utf8')).toBe('not ours');
  });

  it('an image that cannot be read stops it by name and keeps what is done', async () => {
    await writeFile(join(folder, 'bad.jpg'), 'no picture');
    const file = join(folder, 'bad.npy');
    const images = [join(photos, names[0]!), join(folder, 'bad.jpg')].map((path) => path.slice(1));
    await expect(extractFeatures(clip, { root: '/', names: images, file, batchSize: 1 })).rejects.toThrow(
      /bad\.jpg/,
    );
    expect((await stat(`${file}.partial`)).size).toBe(HEADER_BYTES + ROW_BYTES);
  });

  it('extraction goes on after SIGKILL where it was, and drops a row that was cut short', async () => {
    const data = join(folder, 'conconchi');
    await makeConConChi(data);
    const args = [
      'bench',
      'extract',
      'conconchi',
      '--data-path',
      data,
      '--clip-model',
      TINY_CLIP,
      '--batch-size',
      '1',
    ];
    const partial = join(data, 'feats', `test_feats_${modelSlug(TINY_CLIP)}.npy.partial`);
    const rows = async () =>
      ((await stat(partial).catch(() => ({ size: 0 }))).size - HEADER_BYTES) / ROW_BYTES;
    // Where the machine is slow to look, the command may have ended before: then it is started anew.
    for (let isKilled = false; !isKilled; ) {
      await rm(join(data, 'feats'), { recursive: true, force: true });
      const child = startPolar(folder, args);
      const ended = outcomeOf(child);
      while (child.exitCode === null && (await rows()) < 3) await sleep(2);
      child.kill('SIGKILL');
      const { code, stderr } = await ended;
      expect(code ?? 0, stderr).toBe(0);
      isKilled = code === null && (await rows()) >= 3;
    }
    const done = Math.floor(await rows());
    expect(done).toBeLessThan(26);
    // A mark in a finished row shows that it is kept, and half a row at the end is what a kill may leave.
    const handle = await open(partial, 'r+');
    await handle.write(new Uint8Array(Float32Array.of(42).buffer), 0, 4, HEADER_BYTES);
    await handle.truncate(HEADER_BYTES + done * ROW_BYTES - 100);
    await handle.close();
    expect(await runPolar(folder, args)).toMatchObject({ code: 0 });
    const resumed = await readNpy(join(data, 'feats', `test_feats_${modelSlug(TINY_CLIP)}.npy`));
    expect(resumed.shape).toEqual([26, DIMENSION]);
    expect(resumed.data[0]).toBe(42);
    await rm(join(data, 'feats'), { recursive: true });
    expect(await runPolar(folder, args)).toMatchObject({ code: 0 });
    const whole = await readNpy(join(data, 'feats', `test_feats_${modelSlug(TINY_CLIP)}.npy`));
    expect(resumed.data.subarray(1)).toEqual(whole.data.subarray(1));
  });

  it('extraction takes no more memory for ten times the images', async () => {
    const fixture = fileURLToPath(new URL('extract-memory.fixture.ts', import.meta.url));
    const program = await compileFixture(fixture, folder);
    const peak = async (count: number) => {
      const args = [program, TINY_CLIP, photos, join(folder, `${count}.npy`), String(count), ...names];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      return Number(stdout);
    };
    const few = await peak(200);
    const many = await peak(2000);
    expect(few).toBeGreaterThan(50);
    // All pixels of 1,800 more images would be 88 MB at 64 px, and 550 MB at their own size; garbage takes its turns.
    expect(many - few).toBeLessThan(60);
  }, 180_000);
});
