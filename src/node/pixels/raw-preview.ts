import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { isTiffLike, rawDirectories } from './raw-directories.ts';

/** Extensions of RAW photos whose embedded JPEG is read. */
export const RAW_ENDINGS: ReadonlySet<string> = new Set(
  '.dng .cr2 .cr3 .nef .nrw .arw .raf .orf .rw2 .rwl .pef .srw'.split(' '),
);

const EXTENSION = /\.[^./\\]+$/;

/** Whether a file of this name is a RAW photo. */
export const isRawName = (name: string): boolean =>
  RAW_ENDINGS.has(EXTENSION.exec(name)?.[0].toLowerCase() ?? '');

/**
 * The largest JPEG inside a RAW photo, as the camera made it, with the orientation of the RAW.
 *
 * @param name for messages
 * @throws PolarError when there is none
 */
export function rawPreview(name: string, bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength); // the same memory
  const { previews, orientation } = isTiffLike(file) ? rawDirectories(file) : ofOther(file);
  const inDirectories = largest(previews.map(({ start, end }) => readJpeg(file, start, end)));
  // The makers' own notes name further ones, each in its own way; there the pictures themselves are looked for.
  const found = inDirectories ?? largest(allJpegs(file));
  if (found === undefined) {
    throw new PolarError(`${name}: ${tell('photo.raw')}`, 'unreadable');
  }
  const jpeg = file.subarray(found.start, found.end);
  return orientation === undefined ? jpeg : withOrientation(jpeg, orientation);
}

interface Jpeg {
  readonly start: number;
  readonly end: number;
  readonly pixels: number;
}

const SMALLEST = 64; // pixels of a side; less is an icon

function largest(jpegs: readonly (Jpeg | undefined)[]): Jpeg | undefined {
  return jpegs.reduce((best, jpeg) => ((jpeg?.pixels ?? 0) > (best?.pixels ?? 0) ? jpeg : best), undefined);
}

// Metadata stands before the pictures.
const HEAD = 8 * 2 ** 20;

/**
 * Where a RAW photo says when and where it was taken, as a TIFF or JPEG that readers of EXIF know: they take its head
 * for another format in the RAWs of Olympus and Panasonic.
 *
 * @throws PolarError as `rawPreview`
 */
export function rawMetadata(name: string, bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isTiffLike(file)) {
    const magic = file.toString('latin1', 0, 2) === 'II' ? 'II*\0' : 'MM\0*';
    if (file.toString('latin1', 0, 4) === magic) return file;
    return Buffer.concat([Buffer.from(magic, 'latin1'), file.subarray(4, HEAD)]);
  }
  const at = startOfCmt1(file);
  return at === undefined ? rawPreview(name, bytes) : file.subarray(at);
}

/** Where the first directory of a CR3 begins. */
function startOfCmt1(file: Buffer): number | undefined {
  if (file.toString('latin1', 4, 12) !== 'ftypcrx ') return undefined;
  const at = file.subarray(0, CR3_HEAD).indexOf('CMT1');
  return at < 0 ? undefined : at + 4;
}

/** A RAF says the orientation in its JPEG, a CR3 in a box of its own. */
function ofOther(file: Buffer): ReturnType<typeof rawDirectories> {
  const at = startOfCmt1(file);
  return {
    previews: [],
    orientation: at === undefined ? undefined : rawDirectories(file.subarray(at)).orientation,
  };
}

const CR3_HEAD = 2 ** 20;
const SOI = Buffer.from([0xff, 0xd8, 0xff]);
const MAX_LOOKED_AT = 1000;

function allJpegs(file: Buffer): (Jpeg | undefined)[] {
  const found: (Jpeg | undefined)[] = [];
  for (let at = file.indexOf(SOI); at >= 0 && found.length < MAX_LOOKED_AT; at = file.indexOf(SOI, at + 3)) {
    found.push(readJpeg(file, at, file.length));
  }
  return found;
}

const MAX_SEGMENTS = 500;

/** The size of a JPEG, by its segments; undefined where there is none, or one without loss, which is the RAW itself. */
function readJpeg(file: Buffer, start: number, end: number): Jpeg | undefined {
  if (start < 0 || end > file.length || end - start < 4 || file.readUInt16BE(start) !== 0xffd8)
    return undefined;
  let at = start + 2;
  for (let segment = 0; segment < MAX_SEGMENTS && at + 9 <= end; segment++) {
    if (file[at] !== 0xff) return undefined;
    const marker = file[at + 1]!;
    if (marker === 0xff) {
      at++; // padding
      continue;
    }
    const isFrame = marker === 0xc0 || marker === 0xc1 || marker === 0xc2;
    if (isFrame) {
      const isPicture = file[at + 4] === 8;
      const [height, width] = [file.readUInt16BE(at + 5), file.readUInt16BE(at + 7)];
      const isLarge = width >= SMALLEST && height >= SMALLEST;
      return isPicture && isLarge ? { start, end, pixels: width * height } : undefined;
    }
    if (marker === 0xc3 || marker < 0xc0 || marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + file.readUInt16BE(at + 2);
  }
  return undefined;
}

/** A JPEG whose EXIF says this orientation and nothing else. */
function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const exif = Buffer.from('ffe100224578696600004d4d002a00000008000101120003000000010001000000000000', 'hex');
  exif.writeUInt16BE(orientation, 28);
  return Buffer.concat([jpeg.subarray(0, 2), exif, withoutExif(jpeg)]);
}

/** What follows the start of a JPEG, without the EXIF of its own, if that comes first. */
function withoutExif(jpeg: Buffer): Buffer {
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff && (jpeg[at + 1]! & 0xfe) === 0xe0) {
    const next = at + 2 + jpeg.readUInt16BE(at + 2);
    if (jpeg[at + 1] === 0xe1 && jpeg.toString('latin1', at + 4, at + 8) === 'Exif') {
      return Buffer.concat([jpeg.subarray(2, at), jpeg.subarray(next)]);
    }
    at = next;
  }
  return jpeg.subarray(2);
}
