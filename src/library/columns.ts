import type { Table } from '@lancedb/lancedb';
import { commit } from './commit.ts';

// Columns that came later: an older table gets them when it is next written.
const LATER_COLUMNS = { dateFrom: 'string', at: 'double', still: 'int' } as const;
type LaterColumn = keyof typeof LATER_COLUMNS;

/** These columns of a table as far as it has them: one that was made by an earlier version may be only read. */
export async function columnsOf<Name extends string>(table: Table, names: readonly Name[]): Promise<Name[]> {
  const there = new Set((await table.schema()).fields.map(({ name }) => name));
  return names.filter((name) => there.has(name) || !Object.hasOwn(LATER_COLUMNS, name));
}

/** What says in SQL that a row is a photo, or the first of a video's. */
export async function sqlOnce(table: Table): Promise<string> {
  return (await columnsOf(table, ['still'])).length > 0 ? '(still IS NULL OR still = 0)' : 'TRUE';
}

/** Whether a table has all columns, so that rows can be written. */
export const isCurrent = async (table: Table): Promise<boolean> =>
  (await columnsOf(table, LATER_NAMES)).length === LATER_NAMES.length;

const LATER_NAMES = Object.keys(LATER_COLUMNS) as LaterColumn[];

/** Gives a table that an earlier version made the columns that came later. */
export async function addLaterColumns(table: Table): Promise<Table> {
  const there = await columnsOf(table, LATER_NAMES);
  const wanted = LATER_NAMES.filter((name) => !there.includes(name));
  if (wanted.length > 0) {
    await commit(() =>
      table.addColumns(wanted.map((name) => ({ name, valueSql: `CAST(NULL AS ${LATER_COLUMNS[name]})` }))),
    );
  }
  return table;
}
