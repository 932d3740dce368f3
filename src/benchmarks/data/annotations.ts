import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';

/** Where readers note what is wrong, so that all of it can be told at once. */
export type Problems = string[];

/** Reads a text file without its byte order mark, or notes why not. */
export async function readText(file: string, problems: Problems): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    problems.push(code === 'ENOENT' ? `missing file ${file}` : `${file} cannot be read (${code})`);
    return undefined;
  }
}

/** Reads a JSON file, or notes why not. */
export async function readJsonFile(file: string, problems: Problems): Promise<unknown> {
  const text = await readText(file, problems);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    problems.push(`${file} is not JSON (${error instanceof Error ? error.message : String(error)})`);
    return undefined;
  }
}

/** Reads a CSV file with a header as one record a line; notes what is wrong, missing columns included. */
export async function readCsv<Column extends string>(
  file: string,
  columns: readonly Column[],
  problems: Problems,
): Promise<Record<Column, string>[] | undefined> {
  const text = await readText(file, problems);
  if (text === undefined) return undefined;
  let rows: Record<string, string>[];
  let header: string[] = [];
  const columnsOf = (names: string[]) => {
    header = names;
    return names;
  };
  try {
    rows = parse(text, { columns: columnsOf, skip_empty_lines: true });
  } catch (error) {
    problems.push(`${file} is not CSV (${error instanceof Error ? error.message : String(error)})`);
    return undefined;
  }
  const absent = columns.filter((column) => !header.includes(column));
  if (absent.length > 0) {
    problems.push(`${file} has no column ${absent.join(', ')}`);
    return undefined;
  }
  return rows as Record<Column, string>[];
}
