import ExifReader, { type ExpandedTags } from 'exifreader';
import { isRawName, rawMetadata } from '../node/pixels/raw-preview.ts';

/** Where the time of a photo comes from; `file`: nothing says it, so that only the time of its file is left. */
export const DATE_ORIGINS = ['exif', 'xmp', 'iptc', 'video', 'takeout', 'name', 'immich', 'file'] as const;
export type DateOrigin = (typeof DATE_ORIGINS)[number];

/** When and where a photo was taken, as its file says. */
export interface Capture {
  /** By the camera's clock, milliseconds since 1970 as if that clock were UTC; null if unknown. */
  readonly taken: number | null;
  /** Degrees; null if unknown. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** What says `taken`; null where `taken` is. */
  readonly dateFrom: DateOrigin | null;
}

export const NOTHING_KNOWN: Capture = { taken: null, latitude: null, longitude: null, dateFrom: null };

/** A place where a file may say when it was taken. */
interface DateSource {
  readonly name: string;
  readonly origin: DateOrigin;
  read(tags: ExpandedTags): string | undefined;
}

const exif = (name: 'DateTimeOriginal' | 'DateTimeDigitized' | 'DateTime'): DateSource => ({
  name: `EXIF ${name}`,
  origin: 'exif',
  read: (tags) => tags.exif?.[name]?.description,
});

const xmp = (name: string): DateSource => ({
  name: `XMP ${name}`,
  origin: 'xmp',
  read: (tags) => tags.xmp?.[name]?.description,
});

/**
 * Where the time of taking is looked for, in this order; the first that gives a valid time counts. What a camera wrote
 * comes before what a person or program wrote, and when the picture was taken before when its file was made.
 */
export const DATE_SOURCES: readonly DateSource[] = [
  exif('DateTimeOriginal'),
  exif('DateTimeDigitized'),
  xmp('DateTimeOriginal'), // exif: namespace
  xmp('DateCreated'), // photoshop:
  { name: 'IPTC', origin: 'iptc', read: ({ iptc }) => iptcTime(iptc) },
  xmp('CreateDate'), // xmp:
  exif('DateTime'), // of the last change, which is better than the time of a copy
];

/**
 * Reads when and where a photo was taken; damaged or absent data says nothing and is no error.
 *
 * @param name of the file: RAW photos keep it elsewhere
 */
export function readCapture(bytes: Uint8Array, name = ''): Capture {
  try {
    const own = isRawName(name) ? rawMetadata(name, bytes) : bytes;
    const buffer = Buffer.from(own.buffer, own.byteOffset, own.byteLength); // the same memory
    const tags = ExifReader.load(buffer, { expanded: true });
    return {
      ...firstValid(tags),
      latitude: within(tags.gps?.Latitude, 90),
      longitude: within(tags.gps?.Longitude, 180),
    };
  } catch {
    return NOTHING_KNOWN;
  }
}

function firstValid(tags: ExpandedTags): Pick<Capture, 'taken' | 'dateFrom'> {
  for (const { origin, read } of DATE_SOURCES) {
    const taken = parseTime(read(tags));
    if (taken !== null) return { taken, dateFrom: origin };
  }
  return { taken: null, dateFrom: null };
}

/** `20190501` and `123456+0200`, as they stand or with the signs that the reader puts in. */
function iptcTime(iptc: ExpandedTags['iptc']): string | undefined {
  const digits = (name: 'Date Created' | 'Time Created') =>
    iptc?.[name]?.description?.replaceAll(/\D/g, '') ?? '';
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(digits('Date Created')) ?? [];
  if (year === undefined) return undefined;
  const [, hour, minute, second] = /^(\d\d)(\d\d)(\d\d)/.exec(digits('Time Created')) ?? [];
  const date = `${year}-${month}-${day}`;
  return hour === undefined ? date : `${date}T${hour}:${minute}:${second}`;
}

const FIRST_PHOTO = 1826;

/**
 * `2024:05:01 12:34:56`, the form that EXIF prescribes, or `2024-05-01T12:34:56.7+02:00`, that of XMP, which may end
 * after the year, the month, the day or the minute; zones are dropped, for the camera's clock is what counts.
 *
 * @returns null for what is no time, such as the zeros of cameras whose clock is not set, or the 30th of February
 */
export function parseTime(text: string | undefined): number | null {
  const match = /^\s*(\d{4})(?:[:-](\d\d)(?:[:-](\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?)?)?(?!\d)/.exec(
    text ?? '',
  );
  if (match === null) return null;
  const [year, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part))) as [number, ...(number | undefined)[]];
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(time);
  const isReal =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  // 60 is a leap second.
  return year >= FIRST_PHOTO && isReal && hour < 24 && minute < 60 && second <= 60 ? time : null;
}

/** Degrees that are possible, or null. */
export function within(degrees: number | undefined, limit: number): number | null {
  return degrees !== undefined && Math.abs(degrees) <= limit ? degrees : null;
}
