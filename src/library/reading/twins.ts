import type { Table } from '@lancedb/lancedb';
import { columnsOf } from '../columns.ts';
import { type PhotoRow, sqlText } from '../photo-store.ts';

// What a row says of the content alone, wherever the file lies.
const OF_CONTENT = [
  'embedding',
  'width',
  'height',
  'taken',
  'latitude',
  'longitude',
  'dateFrom',
  'at',
  'still',
] as const;
/** A row without the file that it is of. */
export type Twin = Pick<PhotoRow, (typeof OF_CONTENT)[number]>;

/** What is known of photos with these contents, by hash; of a video all stills, the first one first. */
export async function findTwins(table: Table, hashes: readonly string[]): Promise<Map<string, Twin[]>> {
  if (hashes.length === 0) return new Map();
  const rows = await table
    .query()
    .where(`hash IN (${hashes.map(sqlText).join(', ')}) AND reason IS NULL`)
    .select(await columnsOf(table, ['path', 'hash', ...OF_CONTENT]))
    .toArray();
  const none = { dateFrom: null, at: null, still: null }; // columns that an older table has not
  const found = rows.map((row) => ({ ...none, ...(row.toJSON() as PhotoRow) }));
  return new Map(
    [...byContent(found)].map(([hash, same]) => [
      hash,
      same.map((row) => ({ ...ofContent(row), embedding: Float32Array.from(row.embedding!) })),
    ]),
  );
}

/** Rows by content: those of one photo or video where there are copies, stills in order. */
export function byContent(rows: readonly PhotoRow[]): Map<string, PhotoRow[]> {
  const groups = new Map<string, PhotoRow[]>();
  for (const row of rows) {
    const group = groups.get(row.hash);
    if (group === undefined) groups.set(row.hash, [row]);
    else if (group[0]!.path === row.path && row.still !== null) group.push(row);
  }
  for (const group of groups.values()) group.sort((a, b) => (a.still ?? 0) - (b.still ?? 0));
  return groups;
}

/** The part of a row that its copies share. */
export const ofContent = (row: PhotoRow): Twin =>
  Object.fromEntries(OF_CONTENT.map((name) => [name, row[name]])) as unknown as Twin;
