import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { golden } from '../../../test/data.ts';
import { decodeImage } from '../../node/pixels/picture.ts';
import { loadPixels } from '../../node/pixels/picture-batch.ts';
import { CONFIG, expectGoldenPixels } from './golden-pixels.fixture.ts';
import { preprocess, readPreprocessor, readPreprocessorConfig } from './preprocess.ts';

describe('preprocessing', () => {
  it('preprocessing to 64 px is within a grey level of the released code (JPEG and WebP 3, mean 0.3)', () =>
    expectGoldenPixels(64, golden('pixel_values.npy')));

  it('preprocessing reads the config of the golden model', () => {
    const file = golden('tiny-clip/preprocessor_config.json');
    expect(readPreprocessorConfig(JSON.parse(readFileSync(file, 'utf8')), file)).toEqual(CONFIG);
  });

  it('preprocessing honours the EXIF orientation only when asked to', async () => {
    const file = golden('images/exif-rotated.jpg');
    const { orientation } = await sharp(file).metadata();
    expect(orientation).toBeGreaterThan(1);
    const stored = await decodeImage(file);
    const upright = await decodeImage(file, { orientation: 'honour' });
    expect(Buffer.compare(stored.data, upright.data)).not.toBe(0);
  });
});

describe('a preprocessor config', () => {
  const good = {
    size: 224,
    crop_size: 224,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
    resample: 3,
  };
  it('a preprocessor config may give sizes as plain numbers, as older exports do', () => {
    expect(readPreprocessorConfig(good, 'p.json')).toMatchObject({ resizeTo: 224, cropTo: 224 });
  });

  it("a preprocessor config may squash a picture to both sides, with or without a crop, and name Pillow's bilinear filter", () => {
    const { crop_size: _crop, ...uncropped } = good;
    const both = { size: { height: 224, width: 224 }, resample: 2 };
    for (const json of [
      { ...good, ...both },
      { ...uncropped, ...both },
    ]) {
      expect(readPreprocessorConfig(json, 'p.json')).toMatchObject({
        resize: 'squash',
        interpolation: 'bilinear',
        resizeTo: 224,
        cropTo: 224,
      });
    }
  });

  it.each([
    [{ ...good, resample: 1 }, /resample is 1/],
    [{ ...good, size: undefined }, /size is undefined/],
    [{ ...good, size: { longest_edge: 9 } }, /size is \{"longest_edge":9\}/],
    [{ ...good, size: { height: 224, width: 200 } }, /size is \{"height":224,"width":200\}/],
    [{ ...good, crop_size: { height: 224, width: 200 } }, /crop_size is \{"height":224,"width":200\}/],
    [{ ...good, crop_size: 300 }, /crop_size 300 is larger than size 224/],
    [{ ...good, image_mean: [1, 2] }, /image_mean is \[1,2\]/],
    [{ ...good, image_std: [0, 1, 1] }, /image_std is \[0,1,1\]/],
    [null, /size is undefined/],
  ])('a preprocessor config is refused: %j', (json, message) => {
    expect(() => readPreprocessorConfig(json, 'p.json')).toThrow(message);
  });

  it('a preprocessor config that does not normalise is honoured: the pixels stay in [0, 1]', async () => {
    const raw = { ...good, size: 8, crop_size: 8, do_normalize: false, image_mean: null };
    const config = readPreprocessorConfig(raw, 'p.json');
    const side = { width: 8, height: 8 };
    const white = { data: new Uint8Array(8 * 8 * 3).fill(255), ...side, original: side };
    const pixels = preprocess({ ...white, channels: 3, model: 'rgb' }, config);
    expect(new Set(pixels.map((value) => Math.round(value * 1e6) / 1e6))).toEqual(new Set([1]));
  });

  it.each([
    [{ do_resize: false }, /do_resize is false; expected the preprocessing/],
    [{ do_center_crop: false }, /do_center_crop is false/],
    [{ do_rescale: false }, /do_rescale is false/],
    [{ rescale_factor: 1 / 127.5 }, /rescale_factor is 0.00784/],
    [{ do_pad: true }, /do_pad is true/],
    [{ do_flip_channel_order: true }, /do_flip_channel_order is true/],
  ])(
    'a preprocessor config with a step that is not run here is refused, never ignored: %j',
    (changes, message) => {
      expect(() => readPreprocessorConfig({ ...good, ...changes }, 'p.json')).toThrow(message);
    },
  );

  it('a preprocessor config with steps that are off, or whose fields are null, is read', () => {
    const off = {
      do_pad: false,
      do_thumbnail: null,
      do_convert_rgb: null,
      do_normalize: true,
      rescale_factor: 1 / 255,
    };
    expect(readPreprocessorConfig({ ...good, ...off }, 'p.json')).toEqual(
      readPreprocessorConfig(good, 'p.json'),
    );
  });

  it('a preprocessor config of transformers 5, inside processor_config.json, goes first; one without it gives way', () => {
    const newer = {
      image_processor: { ...good, size: 336, crop_size: 336 },
      processor_class: 'CLIPProcessor',
    };
    const older: [object, string] = [good, 'preprocessor_config.json'];
    expect(readPreprocessor([newer, 'p.json'], undefined).cropTo).toBe(336);
    expect(readPreprocessor([newer, 'p.json'], older).cropTo).toBe(336);
    expect(readPreprocessor([{ processor_class: 'CLIPProcessor' }, 'p.json'], older).cropTo).toBe(224);
    expect(() => readPreprocessor([{}, 'x/processor_config.json'], undefined)).toThrow(
      /^x\/processor_config\.json: no image_processor in it, and no preprocessor_config\.json beside it/,
    );
    expect(() => readPreprocessor([{ image_processor: 7 }, 'p.json'], older)).toThrow(
      /p\.json: image_processor/,
    );
  });
});

describe('hostile and unusual pictures', () => {
  let folder: string;
  const noise = (width: number, height: number, channels: 3 | 4 = 3) =>
    sharp(
      Buffer.from(
        Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 7919 + (i >> 5) * 31) % 256),
      ),
      { raw: { width, height, channels } },
    );
  const put = async (name: string, content: Uint8Array | string) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-image-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('a PNG called .jpg is read by its content', async () => {
    const path = await put('mislabelled.jpg', await noise(40, 30).png().toBuffer());
    expect(await decodeImage(path)).toMatchObject({ width: 40, height: 30, model: 'rgb' });
  });

  it('a drawing in SVG is not decoded, whatever its name and however large', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="3000"><rect width="9" height="9"/></svg>';
    await expect(decodeImage(await put('drawing.jpg', svg))).rejects.toThrow(
      /drawing\.jpg: a picture in the format svg, which is not read; expected JPEG, PNG/,
    );
  });

  it('a text file called .jpg, an empty file, a folder and an absent file are refused in one line', async () => {
    const cases = [
      [await put('text.jpg', 'hello'), /text\.jpg: not a picture that can be read/],
      [await put('empty.jpg', ''), /empty\.jpg: an empty file, expected a picture/],
      [folder, /not a regular file, expected a picture/],
      [join(folder, 'none.jpg'), /none\.jpg: no such file/],
    ] as const;
    for (const [path, message] of cases) {
      await expect(decodeImage(path)).rejects.toThrow(message);
      await expect(decodeImage(path)).rejects.not.toThrow(/\n/);
    }
  });

  it.each(['jpeg', 'png', 'webp'] as const)('a %s file cut in half is refused', async (format) => {
    const whole = await noise(200, 200).toFormat(format).toBuffer();
    const path = await put(`half.${format}`, whole.subarray(0, whole.length / 2));
    await expect(decodeImage(path)).rejects.toThrow(/half\.\w+: (a damaged picture|not a picture)/);
  });

  it('a decompression bomb is refused by its header, before any of it is decoded', async () => {
    const path = await put('bomb.png', pngHeader(50_000, 50_000));
    const before = process.memoryUsage().rss;
    await expect(decodeImage(path)).rejects.toThrow(
      /50000 x 50000 pixels, which take \d+\.\d GB of memory to decode, more than the/,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('one bad picture of a batch leaves the others', async () => {
    const good = await noise(80, 100).jpeg().toBuffer();
    const [first, second, third] = await loadPixels([good, Buffer.from('bad'), good], CONFIG);
    expect(first!.pixels).toHaveLength(3 * 64 * 64);
    expect(second!.error?.message).toMatch(/not a picture/);
    expect(third!.pixels).toEqual(first!.pixels);
  });

  it('a box cuts out a part; one outside the picture is refused', async () => {
    const source = await noise(40, 30).png().toBuffer();
    const whole = await decodeImage(source);
    const part = await decodeImage(source, { box: { left: 3, top: 2, width: 5, height: 4 } });
    expect(part).toMatchObject({ width: 5, height: 4 });
    expect(part.data.subarray(0, 3)).toEqual(whole.data.subarray((2 * 40 + 3) * 3, (2 * 40 + 3) * 3 + 3));
    await expect(decodeImage(source, { box: { left: 38, top: 0, width: 5, height: 4 } })).rejects.toThrow(
      /the box 38,0,5,4 does not lie inside 40 x 30/,
    );
  });

  it('16-bit, animated and one-pixel pictures are read', async () => {
    const deep = await noise(20, 20).toColourspace('rgb16').png({ palette: false }).toBuffer();
    const tiny = await noise(1, 1).png().toBuffer();
    const frames = await sharp(
      [await noise(8, 8).png().toBuffer(), await noise(8, 8).negate().png().toBuffer()],
      {
        join: { animated: true },
      },
    )
      .webp({ loop: 0, lossless: true })
      .toBuffer();
    for (const source of [deep, tiny, frames]) {
      const image = await decodeImage(source);
      expect(image.height).toBeLessThanOrEqual(20);
      expect(preprocess(image, CONFIG).every(Number.isFinite)).toBe(true);
    }
  });

  it('a large picture can be shrunk while it is decoded', async () => {
    const source = await noise(1600, 1200).blur(4).jpeg().toBuffer();
    const image = await decodeImage(source, { shrinkTo: 256 });
    expect(Math.min(image.width, image.height)).toBe(256);
  });
});

/** A PNG that claims a size and holds almost nothing. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
