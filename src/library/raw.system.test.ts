import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jpeg, rawContainers, TAKEN, tiff } from '../../test/raw-containers.ts';
import { TOYBOX } from '../clip/hub/names.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { decodeImage } from '../node/pixels/picture.ts';
import { readCapture } from './capture.ts';
import { indexPhotos } from './index-photos.ts';
import { PhotoStore } from './photo-store.ts';
import { scanPhotos } from './scan.ts';

describe('RAW photos', () => {
  let folder: string;
  let files: Record<string, Buffer>;
  let clip: Clip;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'polar-raw-')));
    files = await rawContainers();
    clip = await loadClip(TOYBOX);
  }, 60_000);
  afterAll(async () => {
    await clip.close();
    await rm(folder, { recursive: true });
  });

  it('show the largest JPEG inside, upright as the RAW says, and say when they were taken', async () => {
    for (const [name, bytes] of Object.entries(files)) {
      const image = await decodeImage({ name, bytes }, { orientation: 'honour' });
      expect([image.width, image.height], name).toEqual([360, 480]);
      const [red, , blue] = image.data.subarray(0, 3); // the left half has become the upper one
      expect(red! > 200 && blue! < 60, name).toBe(true);
      expect(image.data.at(-1)! > 200, name).toBe(true);
      expect(readCapture(bytes, name).taken, name).toBe(TAKEN);
    }
  });

  it('are indexed, one photo with the picture of the same name beside them, whatever its case', async () => {
    const library = join(folder, 'library');
    await mkdir(library);
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(library, name), bytes);
    await writeFile(join(library, 'A.JPG'), await jpeg(96, 96));
    await writeFile(join(library, 'other.jpg'), await jpeg(98, 96));
    await writeFile(join(library, 'broken.nef'), files['d.nef']!.subarray(0, 100));
    const { photos, leftOut } = await scanPhotos(library);
    expect(photos.map(({ path }) => basename(path))).not.toContain('a.dng');
    expect(leftOut.counts).toEqual({ rawBeside: 1 });
    const summary = await indexPhotos(new PhotoStore(join(folder, 'index')), clip, library);
    expect(summary).toMatchObject({ found: 10, added: 9, failed: 1, complete: true });
    expect(summary.skipped[0]!.reason).toBe('a RAW photo without a JPEG inside; export it as JPEG');
  });

  it('that are hostile end with one line: circles, ends beyond the file, sizes that are none, cut anywhere', async () => {
    const circle = tiff(
      'II*\0',
      [
        [
          [0x14a, [-0]],
          [0x8769, [-0]],
        ],
      ],
      [],
    );
    circle.writeUInt32LE(8, circle.length - 4);
    const beyond = tiff(
      'II*\0',
      [
        [
          [0x201, 0xfffffff0],
          [0x202, 0xfffffff0],
        ],
      ],
      [],
    );
    const starts = Buffer.alloc(3e6, Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 2]));
    const hostile = { circle, beyond, starts, short: Buffer.from('II*\0'), empty: Buffer.alloc(0) };
    for (const [name, bytes] of Object.entries(hostile)) {
      await expect(decodeImage({ name: `${name}.nef`, bytes }), name).rejects.toThrow(
        /^\S+\.nef: (a RAW photo without|an empty)/,
      );
    }
    for (const [name, bytes] of Object.entries(files)) {
      for (let cut = 1; cut < 600; cut += 7) {
        const end = await decodeImage({ name, bytes: bytes.subarray(0, cut) }).catch((error: Error) => error);
        if (end instanceof Error) expect(end.name, `${name} ${cut} ${end.stack}`).toBe('PolarError');
      }
    }
  });
});
