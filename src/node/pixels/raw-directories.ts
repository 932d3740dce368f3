/** A part of a file. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** What the directories of a RAW photo say. */
export interface RawDirectories {
  /** Where JPEGs are that show the photo. */
  readonly previews: readonly Part[];
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number | undefined;
}

// TIFF, and what Olympus and Panasonic write in its place.
const MAGICS: ReadonlySet<string> = new Set(['II*\0', 'MM\0*', 'IIRO', 'IIRS', 'MMOR', 'IIU\0']);

/** Whether a file has directories like a TIFF: DNG, CR2, NEF, ARW, ORF, RW2, PEF, SRW. */
export const isTiffLike = (file: Buffer): boolean => MAGICS.has(file.toString('latin1', 0, 4));

const TAG = {
  compression: 0x103,
  stripOffsets: 0x111,
  orientation: 0x112,
  stripByteCounts: 0x117,
  subDirectories: 0x14a,
  jpegStart: 0x201,
  jpegLength: 0x202,
  jpegFromRaw: 0x2e, // Panasonic
  exif: 0x8769,
} as const;

// A hostile file may name directories in circles, and entries without end.
const MAX_DIRECTORIES = 64;
const MAX_ENTRIES = 1000;
const MAX_VALUES = 16;
const SIZES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 7: 1, 13: 4 };

/** Reads the directories of a RAW photo; what is damaged says nothing and is no error. */
export function rawDirectories(file: Buffer): RawDirectories {
  const isLittle = file.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (isLittle ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const u32 = (at: number) => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const previews: Part[] = [];
  let orientation: number | undefined;
  if (file.length < 8) return { previews, orientation };
  const waiting = [u32(4)];
  const seen = new Set<number>();
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    if (at < 8 || at + 2 > file.length || seen.has(at) || seen.size >= MAX_DIRECTORIES) continue;
    seen.add(at);
    const count = Math.min(u16(at), MAX_ENTRIES);
    const values = new Map<number, number[]>();
    for (let entry = at + 2; entry < at + 2 + 12 * count && entry + 12 <= file.length; entry += 12) {
      const tag = u16(entry);
      if (tag === TAG.jpegFromRaw) {
        const start = u32(entry + 8);
        previews.push({ start, end: start + u32(entry + 4) });
      } else values.set(tag, readValues(entry));
    }
    const next = at + 2 + 12 * count;
    if (next + 4 <= file.length) waiting.push(u32(next));
    waiting.push(...(values.get(TAG.subDirectories) ?? []), ...(values.get(TAG.exif) ?? []));
    const [turned] = values.get(TAG.orientation) ?? [];
    if (orientation === undefined && turned !== undefined && turned >= 1 && turned <= 8) orientation = turned;
    const isJpeg = [6, 7].includes(values.get(TAG.compression)?.[0] ?? 0);
    const strips = values.get(TAG.stripOffsets) ?? [];
    addPart(values.get(TAG.jpegStart)?.[0], values.get(TAG.jpegLength)?.[0]);
    if (isJpeg && strips.length === 1) addPart(strips[0], values.get(TAG.stripByteCounts)?.[0]);
  }
  return { previews, orientation };

  function addPart(start: number | undefined, length: number | undefined): void {
    if (start !== undefined && length !== undefined) previews.push({ start, end: start + length });
  }

  function readValues(entry: number): number[] {
    const size = SIZES[u16(entry + 2)];
    const count = Math.min(u32(entry + 4), MAX_VALUES);
    if (size === undefined || count === 0) return [];
    const at = size * count <= 4 ? entry + 8 : u32(entry + 8);
    if (at + size * count > file.length) return [];
    return Array.from({ length: count }, (_, i) =>
      size === 4 ? u32(at + 4 * i) : size === 2 ? u16(at + 2 * i) : file[at + i]!,
    );
  }
}
