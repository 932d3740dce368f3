import sharp from 'sharp';

// Containers as the cameras write them, made here: directories of a TIFF, or boxes, around a JPEG of two colours.

/** A picture whose left half is red and whose right half is blue. */
export async function jpeg(width: number, height: number): Promise<Buffer> {
  const half = await sharp({ create: { width: width / 2, height, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  return sharp({ create: { width, height, channels: 3, background: 'blue' } })
    .composite([{ input: half, left: 0, top: 0 }])
    .jpeg()
    .toBuffer();
}

type Entry = readonly [tag: number, value: number | string | readonly number[]];

/** A file of TIFF directories, the first at the start, each other where an entry of the one before names it. */
export function tiff(
  magic: string,
  directories: readonly (readonly Entry[])[],
  data: readonly Buffer[],
): Buffer {
  const isLittle = magic.startsWith('II');
  const put = (buffer: Buffer, size: 2 | 4, value: number, at: number) =>
    isLittle ? buffer.writeUIntLE(value, at, size) : buffer.writeUIntBE(value, at, size);
  const starts: number[] = [];
  let end = 8;
  for (const entries of directories) {
    starts.push(end);
    end +=
      6 +
      12 * entries.length +
      entries.reduce((sum, [, value]) => sum + (typeof value === 'string' ? 20 : 0), 0);
  }
  const places = data.map(
    (_, index) => end + data.slice(0, index).reduce((sum, { length }) => sum + length, 0),
  );
  const head = Buffer.alloc(places[0] ?? end);
  head.write(magic, 0, 'latin1');
  put(head, 4, 8, 4);
  for (const [index, entries] of directories.entries()) {
    let text = starts[index]! + 6 + 12 * entries.length;
    put(head, 2, entries.length, starts[index]!);
    for (const [place, [tag, value]] of entries.entries()) {
      const at = starts[index]! + 2 + 12 * place;
      put(head, 2, tag, at);
      if (typeof value === 'string') {
        put(head, 2, 2, at + 2);
        put(head, 4, 20, at + 4);
        put(head, 4, text, at + 8);
        head.write(value, text, 'latin1');
        text += 20;
      } else if (typeof value === 'number') {
        put(head, 2, tag === 0x112 || tag === 0x103 ? 3 : 4, at + 2);
        put(head, 4, 1, at + 4);
        put(head, tag === 0x112 || tag === 0x103 ? 2 : 4, value, at + 8);
      } else {
        // [piece of data, length]: where it is; a negative piece is a directory.
        const [piece, length] = value;
        put(head, 2, tag === 0x2e ? 7 : 4, at + 2);
        put(head, 4, tag === 0x2e ? length! : 1, at + 4);
        put(head, 4, piece! < 0 ? starts[-piece!]! : places[piece!]!, at + 8);
      }
    }
  }
  return Buffer.concat([head, ...data]);
}

const box = (type: string, ...content: readonly Buffer[]): Buffer => {
  const head = Buffer.alloc(8);
  const body = Buffer.concat(content);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
};

export const DATE = '2019:05:01 12:34:56';
/** When they were taken. */
export const TAKEN = Date.UTC(2019, 4, 1, 12, 34, 56);
const TURNED = 6; // a quarter to the right

/** A frame of a JPEG without loss, in which CR2 and DNG keep the picture of the sensor: larger, and no picture to show. */
const SENSOR = Buffer.from('ffd8ffc3000e0e10001000040011000000', 'hex');

/** A RAW photo of each kind, with a JPEG of 480 x 360 inside that lies on its side. */
export async function rawContainers(): Promise<Record<string, Buffer>> {
  const [small, large] = [await jpeg(160, 120), await jpeg(480, 360)];
  const first: readonly Entry[] = [
    [0x112, TURNED],
    [0x132, DATE],
  ];
  const pair = (piece: number, bytes: Buffer): readonly Entry[] => [
    [0x201, [piece]],
    [0x202, bytes.length],
  ];
  const strip = (piece: number, bytes: Buffer): readonly Entry[] => [
    [0x103, 7],
    [0x111, [piece]],
    [0x117, bytes.length],
  ];
  const sub = (index: number): Entry => [0x14a, [-index]];
  const brand = Buffer.from('crx \0\0\0\x01crx isom', 'latin1');
  const directory = tiff('II*\0', [first], []);
  const raf = Buffer.alloc(160);
  raf.write('FUJIFILMCCD-RAW 0201FF383501X-T30', 'latin1');
  raf.writeUInt32BE(160, 84);
  const turned = await sharp(large)
    .withExif({ IFD0: { DateTime: DATE }, IFD2: { DateTimeOriginal: DATE } })
    .jpeg()
    .withMetadata({ orientation: TURNED })
    .toBuffer();
  raf.writeUInt32BE(turned.length, 88);
  return {
    'a.dng': tiff(
      'MM\0*',
      [[...first, sub(1)], [...strip(0, SENSOR), sub(2)], strip(1, large)],
      [SENSOR, large],
    ),
    'b.CR2': tiff(
      'II*\0',
      [[...first, ...strip(0, large), sub(1)], pair(1, small), strip(2, SENSOR)],
      [large, small, SENSOR],
    ),
    'c.cr3': Buffer.concat([
      box('ftyp', brand),
      box('moov', box('uuid', Buffer.alloc(16), box('CMT1', directory), box('THMB', Buffer.alloc(8), small))),
      box('mdat', large),
    ]),
    'd.nef': tiff('MM\0*', [[...first, sub(1)], pair(0, large)], [large]),
    'e.arw': tiff('II*\0', [[...first, ...pair(0, large), sub(1)], pair(1, small)], [large, small]),
    'f.raf': Buffer.concat([raf, turned]),
    'g.orf': tiff('IIRO', [first], [Buffer.from('the note of the maker'), small, large]),
    'h.rw2': tiff('IIU\0', [[[0x2e, [0, large.length]], ...first]], [large]),
  };
}
