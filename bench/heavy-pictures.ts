import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflate } from 'node:zlib';

/** A kind of picture that asks for far more memory than its file lets suspect. */
export type Heavy = 'png' | 'tiff';

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const SIXTEEN_BIT_RGBA = [16, 6, 0, 0, 1]; // the last: interlaced, so that no row is complete before the last pass
const BYTES_PER_PIXEL = 8;
const BLOCK = 1 << 20;

/**
 * Writes `count` black, interlaced PNGs with 16 bits a channel, a thousandth of their decoded size on the disk. Each
 * has a text of its own, so that no two have the same content.
 */
export async function writeHeavyPngs(
  folder: string,
  count: number,
  width: number,
  height: number,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  // Adam7: width, height and offsets of the seven passes; every row begins with its filter.
  const passes = [
    [8, 8, 0, 0],
    [8, 8, 4, 0],
    [4, 8, 0, 4],
    [4, 4, 2, 0],
    [2, 4, 0, 2],
    [2, 2, 1, 0],
    [1, 2, 0, 1],
  ] as const;
  let bytes = 0;
  for (const [stepX, stepY, x, y] of passes) {
    const [columns, rows] = [Math.ceil((width - x) / stepX), Math.ceil((height - y) / stepY)];
    bytes += rows * (1 + columns * BYTES_PER_PIXEL);
  }
  const packed: Buffer[] = [];
  await pipeline(Readable.from(zeros(bytes)), createDeflate({ level: 9 }), async (parts) => {
    for await (const part of parts) packed.push(part as Buffer);
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(SIXTEEN_BIT_RGBA, 8);
  const paths: string[] = [];
  for (let i = 0; i < count; i++) {
    const path = join(folder, `heavy-${i}.png`);
    const file = await open(path, 'w');
    for (const [type, data] of [
      ['IHDR', header],
      ['tEXt', Buffer.from(`Comment\0${i}`)],
      ['IDAT', Buffer.concat(packed)],
      ['IEND', Buffer.alloc(0)],
    ] as const) {
      if (type === 'IHDR') await file.write(PNG_SIGNATURE);
      await file.write(chunk(type, data));
    }
    await file.close();
    paths.push(path);
  }
  return paths;
}

/** Writes `count` uncompressed RGB TIFFs with a few bytes of their own behind the end. */
export async function writeHeavyTiffs(
  folder: string,
  count: number,
  width: number,
  height: number,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const tags: (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 1, 8],
    [259, 3, 1, 1], // not compressed
    [262, 3, 1, 2], // RGB
    [273, 4, 1, 0], // the strip's offset, below
    [277, 3, 1, 3],
    [278, 4, 1, height], // one strip
    [279, 4, 1, 3 * width * height],
    [284, 3, 1, 1],
  ];
  const head = Buffer.alloc(8 + 2 + 12 * tags.length + 4);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(tags.length, 8);
  for (const [i, [tag, type, n, value]] of tags.entries()) {
    const at = 10 + 12 * i;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(n, at + 4);
    head.writeUInt32LE(tag === 273 ? head.length : value, at + 8);
  }
  const paths = Array.from({ length: count }, (_, i) => join(folder, `heavy-${i}.tif`));
  const [first, ...others] = paths;
  await pipeline(
    Readable.from(
      (function* () {
        yield head;
        yield* zeros(3 * width * height);
      })(),
    ),
    createWriteStream(first!),
  );
  for (const [i, path] of others.entries()) {
    await copyFile(first!, path);
    const file = await open(path, 'a');
    await file.write(`${i}`);
    await file.close();
  }
  return paths;
}

function* zeros(bytes: number): Generator<Buffer> {
  const block = Buffer.alloc(BLOCK);
  for (let left = bytes; left > 0; left -= BLOCK) yield left < BLOCK ? block.subarray(0, left) : block;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
