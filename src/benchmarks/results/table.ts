import { stringify } from 'csv-stringify/sync';
import type { Dataset } from '../data/benchmark.ts';
import type { Result } from './results.ts';
import { estimate } from './statistics.ts';

/** The columns of a data set's table. */
const COLUMNS: Readonly<Record<Dataset, readonly string[]>> = {
  conconchi: [
    'concept mAP',
    'concept mRR',
    'context mAP',
    'context mRR',
    'context recall@1',
    'single mRR',
    'multi mRR',
    'caption recall@10',
  ],
  deepfashion2: ['concept mAP', 'concept mRR', 'context mRR', 'context recall@5', 'caption recall@10'],
};

/** One number of a table: a share, with half its 95 % interval where it is a mean over seeds. */
export interface Cell {
  readonly value: number;
  readonly margin?: number;
}

export interface TableRow {
  readonly label: string;
  /** By column; a column may be missing. */
  readonly cells: Readonly<Record<string, Cell>>;
}

/** Results side by side. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/** The figures of a result by column. */
export function resultFigures({ evaluation, captions }: Result): Record<string, number> {
  return captions === undefined
    ? { ...evaluation.figures }
    : {
        ...evaluation.figures,
        'caption recall@10': captions.concepts.length > 0 ? captions.mean : captions.plain,
      };
}

/** One table of results; several seeds become one row of means with 95 % intervals. */
export function makeTable(dataset: Dataset, results: readonly Result[]): Table {
  const seeds = results.filter(({ kind }) => kind === 'seed');
  const rows: TableRow[] = results
    .filter(({ kind }) => kind !== 'seed')
    .map((result) => ({
      label: result.label,
      cells: Object.fromEntries(
        Object.entries(resultFigures(result)).map(([name, value]) => [name, { value }]),
      ),
    }));
  const polar = results.find(({ id }) => id === 'polar');
  if (polar?.captions !== undefined) {
    const cells = { 'caption recall@10': { value: polar.captions.plain } };
    rows.splice(1, 0, { label: 'plain CLIP (captions)', cells });
  }
  if (seeds.length > 0) {
    const names = Object.keys(seeds[0]!.evaluation.figures);
    const cells = names.map((name): [string, Cell] => {
      const { mean, margin } = estimate(seeds.map(({ evaluation }) => evaluation.figures[name]!));
      return [name, { value: mean, margin }];
    });
    rows.splice(1, 0, { label: `POLAR, ${seeds.length} seeds`, cells: Object.fromEntries(cells) });
  }
  const columns = COLUMNS[dataset].filter((column) => rows.some(({ cells }) => column in cells));
  return { columns, rows };
}

/** Ways to print a table. */
export const TABLE_FORMATS = ['text', 'markdown', 'csv', 'json'] as const;
/** One of {@link TABLE_FORMATS}. */
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** Prints a table; numbers are per cent. CSV and JSON have columns of their own for the 95 % intervals. */
export function formatTable(table: Table, format: TableFormat): string {
  const { columns, rows } = table;
  if (format === 'json') return JSON.stringify(table, null, 2);
  if (format === 'csv') {
    const records = rows.map(({ label, cells }) => [
      label,
      ...columns.flatMap((column) => [inPercent(cells[column]?.value), inPercent(cells[column]?.margin)]),
    ]);
    const header = ['method', ...columns.flatMap((column) => [column, `${column} ±95%`])];
    return stringify([header, ...records]).trimEnd();
  }
  const lines = [
    ['', ...columns],
    ...rows.map(({ label, cells }) => [label, ...columns.map((column) => cellText(cells[column]))]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(3, ...lines.map((line) => line[column]!.length)));
  const pad = (line: readonly string[]) =>
    line.map((text, column) => (column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!)));
  if (format === 'text') return lines.map((line) => pad(line).join('  ').trimEnd()).join('\n');
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [header, ...body] = lines.map((line) => `| ${pad(line).join(' | ')} |`);
  return [header, `| ${rule.join(' | ')} |`, ...body].join('\n');
}

/** `51.64`, `51.64 ± 0.30`, or `-` where there is nothing. */
export function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return '-';
  const margin = cell.margin === undefined ? '' : ` ± ${inPercent(cell.margin)}`;
  return `${inPercent(cell.value)}${margin}`;
}

function inPercent(share: number | undefined): string {
  if (share === undefined) return '';
  return Number.isNaN(share) ? 'nan' : (100 * share).toFixed(2);
}
