import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PassingError } from '../../errors.ts';
import { decodingBytes } from './decoding-memory.ts';
import { decodeHeic } from './heic-thread.ts';
import { withPhotoFile } from './photo-file.ts';
import { decodeImage, orDamaged, withPicture } from './picture.ts';
import { makeThumbnail } from './thumbnail.ts';

const HEIC = fileURLToPath(new URL('../../library/house.fixture.heic', import.meta.url));

// Each thread loads the decoder: a tenth of a second, on a machine that does other things seconds.
const STARTS_THREADS_MS = 60_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-picture-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('memory is estimated from the header: little for what is read row by row, all samples for what is not', async () => {
  const create = { width: 1000, height: 800, channels: 4, background: '#804020' } as const;
  const shrunk = { width: 100, height: 80, shrinks: true };
  const estimate = async (bytes: Buffer) =>
    withPicture(bytes, async ({ metadata }) => decodingBytes(metadata, shrunk));
  const png = await estimate(await sharp({ create }).png().toBuffer());
  const interlaced = await estimate(await sharp({ create }).png({ progressive: true }).toBuffer());
  expect(interlaced - png).toBe(4 * 1000 * 800);
  const jpeg = await estimate(await sharp({ create }).jpeg().toBuffer());
  const progressive = await estimate(await sharp({ create }).jpeg({ progressive: true }).toBuffer());
  expect(progressive - jpeg).toBe(3 * 1000 * 800);
});

it(
  'HEIC has a thumbnail as every other format has',
  async () => {
    const shape = { width: 32, height: 32, fit: 'cover', format: 'jpeg', quality: 80 } as const;
    expect(await sharp(await makeThumbnail(HEIC, shape)).metadata()).toMatchObject({ width: 32, height: 32 });
  },
  STARTS_THREADS_MS,
);

it(
  'HEIC is decoded on a thread of its own: the main thread goes on meanwhile',
  async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await decodeImage(HEIC); // a thread takes tens of milliseconds to start alone
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  },
  STARTS_THREADS_MS,
);

it(
  'HEIC that takes too long ends with its thread, is tried again, and a damaged one is damaged',
  async () => {
    const bytes = await readFile(HEIC);
    const late = orDamaged('slow.heic', async () => decodeHeic({ bytes, page: 0 }, 1));
    await expect(late).rejects.toThrow(
      /^slow\.heic: takes longer than 2 minutes to decode; make it smaller$/,
    );
    await expect(late).rejects.toThrow(PassingError);
    const half = bytes.subarray(0, bytes.length / 2);
    await expect(decodeImage({ name: 'half.heic', bytes: half })).rejects.toThrow(/^half\.heic: [^\n]+$/);
    await expect(decodeHeic({ bytes: Buffer.from('nothing at all'), page: 0 }, 60_000)).rejects.toThrow(
      /not a HEIC image/,
    );
    const { width, height, data } = await decodeHeic({ bytes, page: 0 }, 60_000);
    expect([width, height, data.length]).toEqual([320, 240, 320 * 240 * 4]);
  },
  STARTS_THREADS_MS,
);

it("a photo's file is read at its own path only, and hashed as it was read", async () => {
  const path = join(folder, 'photo.jpg');
  await writeFile(path, 'abc');
  const hash = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(await withPhotoFile(path, async (file) => file)).toMatchObject({ hash, size: 3 });
  await symlink(path, join(folder, 'link.jpg'));
  await symlink(folder, join(folder, 'around'));
  execFileSync('mkfifo', [join(folder, 'pipe.jpg')]);
  for (const [name, code] of [
    ['link.jpg', 'ELOOP'],
    ['around/photo.jpg', 'ELOOP'],
    ['pipe.jpg', 'EINVAL'],
    ['absent.jpg', 'ENOENT'],
    ['photo.jpg/x.jpg', 'ENOTDIR'],
    ['', 'EINVAL'],
  ] as const) {
    const reading = withPhotoFile(join(folder, name), async () => {});
    await expect(reading, name).rejects.toThrow(PassingError);
    await expect(reading, name).rejects.toMatchObject({ systemCode: code });
  }
});

it(
  'a picture that a person names may be reached through links, and a pipe is refused at once',
  async () => {
    const link = join(folder, 'linked.heic');
    await symlink(HEIC, link);
    const { width, height } = await decodeImage(link);
    expect([width, height]).toEqual([320, 240]);
    expect((await decodeImage({ name: 'mine', bytes: await readFile(link) })).width).toBe(320);
    await expect(decodeImage(join(folder, 'pipe.jpg'))).rejects.toThrow(/pipe\.jpg: not a regular file/);
    await expect(decodeImage({ name: 'mine', bytes: Buffer.from('x') })).rejects.toThrow(
      /^mine: not a picture/,
    );
  },
  STARTS_THREADS_MS,
);

it('of a HEIC with several pictures the primary one is taken, which need not be the first', async () => {
  // heif-enc's, of a red picture of 64 x 48 and a blue one of 48 x 64, which was made the primary one.
  const file = fileURLToPath(new URL('second.fixture.heic', import.meta.url));
  const { width, height, data } = await decodeImage(file);
  expect([width, height]).toEqual([48, 64]);
  expect(data[2]! > 200 && data[0]! < 60).toBe(true);
  const small = await makeThumbnail(file, {
    width: 24,
    height: 32,
    fit: 'inside',
    format: 'webp',
    quality: 80,
  });
  expect(await sharp(small).metadata()).toMatchObject({ width: 24, height: 32 });
});

it('an AVIF of 10 bits is read as one of 8', async () => {
  // FFmpeg's test picture: yellow near the top.
  const file = fileURLToPath(new URL('ten-bit.fixture.avif', import.meta.url));
  const { width, height, channels, data } = await decodeImage(file);
  expect([width, height, channels]).toEqual([64, 48, 3]);
  const [red, green, blue] = data.subarray(3 * 32);
  expect(red! > 230 && green! > 230 && blue! < 30).toBe(true);
});
