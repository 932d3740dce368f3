import { resolve } from 'node:path';
import { encode } from 'html-entities';
import { PolarError } from '../../errors.ts';
import { writeBeside } from '../../node/files.ts';
import type { Benchmark } from '../data/benchmark.ts';
import { pictures } from '../features/pictures.ts';
import type { QueryResult } from '../protocol/evaluate.ts';
import { mean, reciprocalRank } from '../protocol/metrics.ts';
import { drawCharts } from './charts.ts';
import { compareResults } from './compare.ts';
import type { Result } from './results.ts';
import { cellText, makeTable } from './table.ts';

const WORST = 12;
const TRAINING_PHOTOS = 3;

/**
 * Writes a self-contained page on results: the table, differences with intervals, charts, and the queries that
 * fared worst with their pictures. It needs no network.
 *
 * @param results rows of the table, POLAR's among them
 */
export async function writeReport(
  file: string,
  benchmark: Benchmark,
  results: readonly Result[],
): Promise<void> {
  const polar = results.find(({ id }) => id === 'polar');
  if (polar === undefined) {
    throw new PolarError(
      `no results to report; run polar bench run ${benchmark.dataset} first, with the same options`,
      'not-found',
    );
  }
  const table = makeTable(benchmark.dataset, results);
  const shared = polar.captions?.shared;
  const note =
    shared === undefined || shared.texts === 0
      ? ''
      : ` Captions: ${shared.images} images share ${shared.texts} texts, each of which can put only one of its images first.`;
  const charts = await drawCharts(table, results);
  const sections = [
    tableSection(
      table.columns,
      table.rows.map(({ label, cells }) => [
        label,
        ...table.columns.map((column) => cellText(cells[column])),
      ]),
      `Per cent; ± is half a 95 % interval over seeds.${note}`,
    ),
    differencesSection(polar, results),
    ...charts.map(
      ({ title, svg }) =>
        `<section><h2>${encode(title)}</h2><div class="chart" tabindex="0" role="group" aria-label="${encode(title)}">${svg}</div></section>`,
    ),
    conceptsSection(benchmark, polar),
    await worstSection(benchmark, polar),
  ];
  await writeBeside(resolve(file), page(benchmark, polar, sections));
}

function tableSection(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  caption: string,
): string {
  const head = ['', ...columns].map((column) => `<th scope="col">${encode(column)}</th>`).join('');
  const body = rows.map(([label, ...cells]) => {
    const data = cells.map((cell) => `<td>${encode(cell)}</td>`).join('');
    return `<tr><th scope="row">${encode(label)}</th>${data}</tr>`;
  });
  return `<section><div class="wide" tabindex="0" role="group" aria-label="${encode(caption)}"><table><caption>${encode(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div></section>`;
}

function differencesSection(polar: Result, results: readonly Result[]): string {
  const others = results.filter(({ kind }) => kind === 'baseline' || kind === 'ablation');
  if (others.length === 0) return '';
  const signed = (share: number) => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;
  const compared = others.map((other) => ({ label: other.label, differences: compareResults(polar, other) }));
  const columns = Object.keys(compared[0]!.differences);
  const rows = compared.map(({ label, differences }) => [
    label,
    ...columns.map((column) => {
      const { difference, low, high, p } = differences[column]!;
      return `${signed(difference)}\n${signed(low)} to ${signed(high)}\np ${p < 0.001 ? '< 0.001' : p.toFixed(3)}`;
    }),
  ]);
  const caption =
    'How many percentage points POLAR is above each row, with 95 % intervals and p-values of a paired bootstrap.';
  return `<h2>Is the difference real?</h2>${tableSection(columns, rows, caption)}`;
}

/** One row a concept: its class, concept-only figures, how queries that name it fare, captions under its update. */
function conceptsSection({ concepts }: Benchmark, { evaluation, captions }: Result): string {
  const withClass = concepts.some(({ className }) => className !== null);
  const withCaptions = captions !== undefined && captions.concepts.length === concepts.length;
  const rows = concepts.map(({ className }, concept) => {
    const { mAP, mRR } = evaluation.concepts[concept]!;
    const named = evaluation.queries.filter((query) => query.concepts.includes(concept));
    const context = mean(named.map(({ ranks }) => reciprocalRank(ranks)));
    const shares = [mAP, mRR, context, ...(withCaptions ? [captions.concepts[concept]!] : [])];
    return [
      String(concept),
      ...(withClass ? [className ?? ''] : []),
      ...shares.map((value) => cellText({ value })),
      String(named.length),
    ];
  });
  const columns = [
    ...(withClass ? ['class'] : []),
    'concept mAP',
    'concept mRR',
    'context mRR',
    ...(withCaptions ? ['caption recall@10'] : []),
    'queries',
  ];
  return `<h2>Each concept</h2>${tableSection(columns, rows, 'Per cent; context mRR over the queries that name the concept.')}`;
}

async function worstSection(benchmark: Benchmark, { evaluation }: Result): Promise<string> {
  const first = ({ ranks }: QueryResult) => ranks[0] ?? Number.POSITIVE_INFINITY;
  const worst = [...evaluation.queries].sort((a, b) => first(b) - first(a)).slice(0, WORST);
  const articles: string[] = [];
  for (const query of worst) {
    const training = query.concepts.flatMap((concept) =>
      benchmark.concepts[concept]!.trainRows.slice(0, TRAINING_PHOTOS).map(
        (row) => benchmark.trainImages[row]!,
      ),
    );
    const right = new Set(query.groundTruth);
    const poolPictures = (positions: readonly number[]) =>
      pictures(
        benchmark,
        positions.map((position) => ({ name: benchmark.pool[position]!, right: right.has(position) })),
      );
    const groups = [
      [
        'learnt from',
        await pictures(
          benchmark,
          training.map((name) => ({ name, right: false })),
        ),
      ],
      ['expected', await poolPictures(query.groundTruth.slice(0, TRAINING_PHOTOS))],
      ['found', await poolPictures(query.top)],
    ];
    const body = groups.map(
      ([title, images]) => `<div><h4>${title}</h4><div class="row">${images}</div></div>`,
    );
    articles.push(
      `<article><h3>${encode(query.text)}</h3><p>first right image at rank ${query.ranks[0] ?? 'none'} of ${benchmark.pool.length}</p><div class="groups">${body.join('')}</div></article>`,
    );
  }
  return `<section><h2>The queries that fared worst</h2>${articles.join('\n')}</section>`;
}

function page(
  { dataset, split, concepts, pool, queries }: Benchmark,
  { model }: Result,
  sections: readonly string[],
): string {
  const names = { conconchi: 'ConCon-Chi', deepfashion2: 'DeepFashion2' };
  const title = `${names[dataset]}${dataset === 'deepfashion2' ? ` (${split})` : ''}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · POLAR</title>
<style>
:root { color-scheme: light; --ink: #1c1d21; --soft: #62656d; --paper: #fafaf8; --card: #fff; --line: #e4e3de; --mark: #b4512b; }
body { margin: 0 auto; max-width: 1180px; padding: clamp(16px, 4vw, 48px); background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: clamp(24px, 4vw, 36px); line-height: 1.2; }
h2 { margin: 40px 0 12px; font-size: 20px; }
h3 { margin: 0; font-size: 16px; overflow-wrap: anywhere; }
h4 { margin: 0 0 4px; font-size: 12px; font-weight: 500; color: var(--soft); }
p { margin: 4px 0 12px; color: var(--soft); }
.wide, .chart { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; }
.chart svg { display: block; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
caption { caption-side: bottom; text-align: left; color: var(--soft); padding-top: 8px; }
th, td { padding: 6px 8px; text-align: right; vertical-align: top; white-space: pre; border-bottom: 1px solid var(--line); }
th[scope=row], th:first-child { position: sticky; left: 0; text-align: left; font-weight: 500; background: var(--card); }
@media (max-width: 600px) { th[scope=row] { min-width: 8em; white-space: normal; } }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; margin-bottom: 14px; }
.groups { display: flex; flex-wrap: wrap; gap: 18px; }
.row { display: flex; flex-wrap: wrap; gap: 6px; }
img, .row span { width: 96px; height: 96px; object-fit: cover; border-radius: 6px; border: 3px solid transparent; box-sizing: border-box; }
.row span { display: grid; place-items: center; background: var(--line); color: var(--soft); font-size: 11px; }
.row .right { border-color: #4c8a3c; }
</style>
<h1>${title}</h1>
<p>${encode(model)}; ${concepts.length} concepts, ${queries.length} queries, ${pool.length} images in the pool. Right images have a green frame.</p>
${sections.join('\n')}
</html>
`;
}
