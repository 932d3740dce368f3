import { count } from '../words.ts';

/**
 * Why something on the disk is not indexed. The first four are troubles: photos, or what may hold some, that somebody
 * would expect to find; a run that meets one does not end well. The others are as they should be.
 */
export const LEFT_OUT = {
  unreadable: ['that cannot be read', 'file or folder', 'files and folders'],
  away: ['whose disk went away', 'file or folder', 'files and folders'],
  name: ['whose name is not UTF-8', 'file or folder', 'files and folders'],
  path: ['whose path is too long', 'file or folder', 'files and folders'],
  format: ['in another format', 'picture', 'pictures'],
  raw: ['', 'RAW photo', 'RAW photos'],
  rawBeside: ['with a picture of the same name beside', 'RAW photo', 'RAW photos'],
  video: ['', 'video', 'videos'],
  videoTools: ['that need FFmpeg, which is not installed', 'video', 'videos'],
  livePhoto: ['of Live Photos, whose pictures are indexed', 'video', 'videos'],
  link: ['', 'link', 'links'],
  hidden: ['', 'hidden file or folder', 'hidden files and folders'],
  passedOver: ['', 'skipped folder', 'skipped folders'],
  preview: ['without a preview in immich', 'photo', 'photos'],
  takenOut: ['taken out of the library', 'file or folder', 'files and folders'],
  other: ['', 'other file', 'other files'],
} as const;

export type LeftOutReason = keyof typeof LEFT_OUT;

const TROUBLES: ReadonlySet<LeftOutReason> = new Set(['unreadable', 'away', 'name', 'path']);

/** How many files or folders are not indexed, for each reason that there was. */
export type LeftOutCounts = Readonly<Record<string, number>>;

/** A file or folder that somebody would expect to be indexed, and what to do about it. */
export interface Trouble {
  readonly path: string;
  readonly reason: string;
}

/** Entries of a list that a person reads; the counts are of all. */
export const MAX_LISTED = 1000;

/** Counts what is left out, and lists the troubles. */
export class LeftOut {
  readonly counts: Record<string, number> = {};
  readonly troubles: Trouble[] = [];

  add(reason: LeftOutReason, number = 1): void {
    this.counts[reason] = (this.counts[reason] ?? 0) + number;
  }

  /** @param why what is wrong and what to do, for a person */
  addTrouble(reason: LeftOutReason, path: string, why: string): void {
    this.add(reason);
    if (this.troubles.length < MAX_LISTED) this.troubles.push({ path, reason: why });
  }
}

/** Counts without those that are zero. */
export const countsOf = (counts: Partial<Record<LeftOutReason, number>>): LeftOutCounts =>
  Object.fromEntries(Object.entries(counts).filter(([, number]) => number > 0));

/** How many of these counts are troubles. */
export const countTroubles = (counts: LeftOutCounts): number =>
  [...TROUBLES].reduce((sum, reason) => sum + (counts[reason] ?? 0), 0);

/** "3 videos, 1 picture in another format", or nothing where nothing was left out. */
export function describeLeftOut(counts: LeftOutCounts): string {
  return (Object.keys(LEFT_OUT) as LeftOutReason[])
    .filter((reason) => (counts[reason] ?? 0) > 0)
    .map((reason) => {
      const [which, one, many] = LEFT_OUT[reason];
      return `${count(counts[reason]!, one, many)}${which === '' ? '' : ` ${which}`}`;
    })
    .join(', ');
}
