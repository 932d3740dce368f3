import { InvalidArgumentError, Option } from 'commander';
import { DEVICES, type Device, PRECISIONS, type Precision } from '../node/devices/device.ts';

/** What every command that uses a model takes. */
export interface ModelOptions {
  readonly model?: string | undefined;
  readonly index?: string;
  readonly device?: Device;
  readonly precision?: Precision;
}

export const MODEL_HELP =
  'folder, org/name[@revision], toybox, ViT-B/32 or another name of the paper, OpenCLIP or immich (polar models lists some)';

export const INDEX_HELP =
  "where the index is: a folder, s3://bucket/prefix, gs://..., az://... (default: POLAR_INDEX, else the user's own library)";

/** Where photos are embedded. */
export const deviceOption = (): Option =>
  new Option(
    '--device <device>',
    'where photos are embedded; auto tries a GPU for some hundred photos, and takes it where it is faster (default: POLAR_DEVICE, else auto)',
  ).choices(DEVICES);

/** How a GPU computes. */
export const precisionOption = (): Option =>
  new Option(
    '--precision <kind>',
    'half: a GPU embeds photos up to twice as fast, near ties of a search may change places; an index of its own (default: POLAR_PRECISION, else full)',
  ).choices(PRECISIONS);

/** Reads a number from `low` to `high` from the command line. */
export function number(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high)) {
      throw new InvalidArgumentError(`expected a number from ${low} to ${high}`);
    }
    return value;
  };
}

/** Reads a whole number from `low` to `high` from the command line. */
export function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = number(low, high)(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError('expected a whole number');
    return value;
  };
}

/** Reads the minutes of `--every` as milliseconds. */
export const minutes = (text: string): number => number(0.01, 1440)(text) * 60_000;

/** A day that exists, as milliseconds since 1970; undefined for any other text. */
export function timeOfDay(text: string): number | undefined {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // JavaScript takes the 30th of February for the 1st of March.
  const exists = !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text;
  return exists ? time : undefined;
}

/** Reads a day that exists from the command line, as milliseconds since 1970. */
export function day(text: string): number {
  const time = timeOfDay(text);
  if (time === undefined) throw new InvalidArgumentError('expected a date such as 2024-05-01');
  return time;
}

/** Reads a place and a distance from the command line: `48.1,11.6,5`, also with `km`. */
export function place(text: string): { latitude: number; longitude: number; kilometres: number } {
  const [latitude, longitude, kilometres, more] = text
    .replace(/\s*km\s*$/i, '')
    .split(',')
    .map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const isPlace = Math.abs(latitude!) <= 90 && Math.abs(longitude!) <= 180 && kilometres! > 0;
  if (!isPlace || more !== undefined) {
    throw new InvalidArgumentError('expected latitude, longitude and kilometres, such as 48.1,11.6,5');
  }
  return { latitude: latitude!, longitude: longitude!, kilometres: kilometres! };
}

/** Reads one of some words from the command line. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const word = words.find((word) => word === text);
    if (word === undefined)
      throw new InvalidArgumentError(`expected ${words.join(', ').replace(/, ([^,]*)$/, ' or $1')}`);
    return word;
  };
}

/** Reads names of folders, one after the other: a name, with wildcards, and no path. */
export function folderPattern(text: string, earlier: readonly string[] = []): string[] {
  if (text.trim() === '' || /[/\\]/.test(text)) {
    throw new InvalidArgumentError(
      'expected the name of a folder, such as backup*, without the folders above it',
    );
  }
  return [...earlier, text];
}
