import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import type { Result } from './results.ts';
import { formatTable, makeTable } from './table.ts';

const result = (id: string, kind: Result['kind'], label: string, mRR: number): Result => ({
  id,
  kind,
  label,
  dataset: 'deepfashion2',
  split: 'test',
  model: 'ViT-B/32',
  key: '',
  evaluation: { figures: { 'concept mAP': 0.5, 'context mRR': mRR }, concepts: [], queries: [] },
});

const table = makeTable('deepfashion2', [
  result('polar', 'polar', 'POLAR', 0.34821),
  result('image', 'baseline', 'image, "mean"', Number.NaN),
  result('seed=1', 'seed', 'POLAR, seed=1', 0.3),
  result('seed=2', 'seed', 'POLAR, seed=2', 0.4),
]);

it('several seeds are one row of means with 95 % intervals', () => {
  // half of 0.1 is the standard error of two values; t = 12.706
  expect(formatTable(table, 'text').split('\n')).toEqual([
    '                 concept mAP    context mRR',
    'POLAR                  50.00          34.82',
    'POLAR, 2 seeds  50.00 ± 0.00  35.00 ± 63.53',
    'image, "mean"          50.00            nan',
  ]);
});

it('Markdown has a header, a rule and as many columns in every row', () => {
  const lines = formatTable(table, 'markdown').split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[1]).toMatch(/^\| -+ \| -+: \| -+: \|$/);
  for (const line of lines) expect(line.split('|')).toHaveLength(5);
});

it('CSV reads back, quotes and intervals included', () => {
  const rows: Record<string, string>[] = parse(formatTable(table, 'csv'), { columns: true });
  expect(rows.map((row) => row.method)).toEqual(['POLAR', 'POLAR, 2 seeds', 'image, "mean"']);
  expect(rows[1]).toMatchObject({ 'context mRR': '35.00', 'context mRR ±95%': '63.53' });
  expect(rows[0]).toMatchObject({ 'context mRR': '34.82', 'context mRR ±95%': '' });
});

it('JSON holds shares, not per cent', () => {
  const { columns, rows } = JSON.parse(formatTable(table, 'json'));
  expect(columns).toEqual(['concept mAP', 'context mRR']);
  expect(rows[0]).toEqual({
    label: 'POLAR',
    cells: { 'concept mAP': { value: 0.5 }, 'context mRR': { value: 0.34821 } },
  });
});
