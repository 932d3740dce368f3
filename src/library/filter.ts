import { normalize } from 'node:path';
import { isWithin } from './folders.ts';
import { folderPrefix, sqlText } from './photo-store.ts';
import { isAddress } from './remote/address.ts';

/** A place and its surroundings. */
export interface Place {
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
  readonly kilometres: number;
}

/** Which photos a search may find. */
export interface PhotoFilter {
  /** Taken at this time or later, milliseconds since 1970; a photo that does not say counts from its file's time. */
  readonly after?: number | undefined;
  /** Taken before this time. */
  readonly before?: number | undefined;
  /** Below this folder, an absolute path, or on this server, the address that those of its photos begin with. */
  readonly folder?: string | undefined;
  /** Taken around this place; a photo that does not say where is not found. */
  readonly near?: Place | undefined;
}

/** A photo's dates, milliseconds since 1970. */
interface Dated {
  readonly taken: number | null;
  /** Of the last change of its file. */
  readonly mtime: number;
}

// The rule of the dates, for tables on disk and for photos in memory.
const SQL_TIME = 'coalesce(taken, mtime)';

/** The time that a photo counts from: by its camera's clock, or that of its file where it does not say. */
export const timeOf = ({ taken, mtime }: Dated): number => taken ?? mtime;

/** Whether a photo in memory may be found. */
export function fits(
  photo: Dated & { readonly path: string },
  { after, before, folder }: Omit<PhotoFilter, 'near'>,
): boolean {
  const time = timeOf(photo);
  return (
    (after === undefined || time >= after) &&
    (before === undefined || time < before) &&
    (folder === undefined || isWithin(photo.path, folder))
  );
}

/** The condition in SQL, to be put behind another. */
export function toSql({ after, before, folder, near }: PhotoFilter): string {
  const conditions = [''];
  if (after !== undefined) conditions.push(`${SQL_TIME} >= ${Number(after)}`);
  if (before !== undefined) conditions.push(`${SQL_TIME} < ${Number(before)}`);
  if (folder !== undefined) {
    const prefix = folderPrefix(isAddress(folder) ? folder : normalize(folder));
    conditions.push(`starts_with(path, ${sqlText(prefix)})`);
  }
  if (near !== undefined) conditions.push(sqlNear(near));
  return conditions.join(' AND ');
}

const EARTH_KM = 6371.0088; // mean radius

/** Great-circle distance by the haversine formula, compared without its square root and arc. */
function sqlNear({ latitude, longitude, kilometres }: Place): string {
  const [phi, lambda] = [Number(latitude), Number(longitude)];
  const half = (difference: string) => `power(sin(radians(${difference}) / 2), 2)`;
  const most = Math.sin(Math.min(Number(kilometres) / EARTH_KM / 2, Math.PI / 2)) ** 2;
  const term = `${half(`latitude - (${phi})`)} + cos(radians(latitude)) * ${Math.cos((phi * Math.PI) / 180)} * ${half(`longitude - (${lambda})`)}`;
  return `latitude IS NOT NULL AND longitude IS NOT NULL AND ${term} <= ${most}`;
}
