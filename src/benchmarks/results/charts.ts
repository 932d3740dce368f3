import type { TopLevelSpec } from 'vega-lite';
import { ABLATIONS } from '../protocol/ablations.ts';
import type { Result } from './results.ts';
import { resultFigures, type Table } from './table.ts';

/** A chart with its title. */
export interface Chart {
  readonly title: string;
  readonly svg: string;
}

const INK = '#2b2d33';
const SOFT = '#8a8d96';
const MARK = '#b4512b';
const COLOURS = [MARK, '#3c6e91', '#7a9a4f', '#8d6a9f', '#c59b3a', '#5f8f8b'];
const CONFIG = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  axis: {
    labelColor: INK,
    titleColor: INK,
    gridColor: '#e4e3de',
    domainColor: SOFT,
    tickColor: SOFT,
    labelLimit: 260,
  },
  legend: { labelColor: INK, titleColor: INK, labelLimit: 260, orient: 'top' },
  header: { labelColor: INK, titleColor: INK, labelFontWeight: 600 },
  range: { category: COLOURS },
  view: { stroke: null },
} as const satisfies TopLevelSpec['config'];

const PERCENT = 100;

/** Draws every chart that the results have data for. */
export async function drawCharts(table: Table, results: readonly Result[]): Promise<Chart[]> {
  const methods = results.filter(({ kind }) => kind === 'polar' || kind === 'baseline');
  // Every ablation has a chart of its own.
  const varied = new Set(results.filter(({ kind }) => kind === 'ablation').map(({ label }) => label));
  const rows = table.rows.filter(({ label }) => !varied.has(label));
  const specs: [title: string, spec: TopLevelSpec | undefined][] = [
    [
      'Figures of every method, with 95 % intervals where several seeds were run',
      figuresSpec({ ...table, rows }),
    ],
    ['Share of queries whose first right image stands among the first k', firstRankSpec(methods)],
    ['Concept-only average precision of each concept', conceptSpec(methods)],
    ...ABLATIONS.map((ablation): [string, TopLevelSpec | undefined] => [
      `What ${ablation} does`,
      ablationSpec(ablation, results),
    ]),
    ['Caption recall@10 under the update of each concept', captionSpec(results)],
  ];
  const charts: Chart[] = [];
  for (const [title, spec] of specs) if (spec !== undefined) charts.push({ title, svg: await draw(spec) });
  return charts;
}

/** Vega is loaded only where a report is written. */
async function draw(spec: TopLevelSpec): Promise<string> {
  const [vega, { compile }] = [await import('vega'), await import('vega-lite')];
  const view = new vega.View(vega.parse(compile({ ...spec, config: CONFIG }).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function figuresSpec({ columns, rows }: Table): TopLevelSpec {
  const values = rows.flatMap(({ label, cells }) =>
    columns.flatMap((column) => {
      const cell = cells[column];
      if (cell === undefined || Number.isNaN(cell.value)) return [];
      const [value, margin] = [PERCENT * cell.value, PERCENT * (cell.margin || 0)];
      return [{ label, column, value, low: value - margin, high: value + margin }];
    }),
  );
  const y = { field: 'label', type: 'nominal', sort: rows.map(({ label }) => label), title: null } as const;
  return {
    data: { values },
    facet: { field: 'column', type: 'nominal', title: null, sort: [...columns] },
    columns: 3,
    spec: {
      width: 200,
      height: { step: 20 },
      layer: [
        {
          mark: { type: 'rule', color: SOFT },
          encoding: { x: { field: 'low', type: 'quantitative', title: null }, x2: { field: 'high' }, y },
        },
        {
          mark: { type: 'point', filled: true, opacity: 1, size: 60, color: MARK },
          encoding: { x: { field: 'value', type: 'quantitative', title: '%', scale: { zero: false } }, y },
        },
      ],
    },
    resolve: { scale: { x: 'independent' } },
  };
}

function firstRankSpec(methods: readonly Result[]): TopLevelSpec | undefined {
  const values = methods.flatMap(({ label, evaluation: { queries } }) => {
    const first = queries.map(({ ranks }) => ranks[0] ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    const steps = [...new Set(first.filter(Number.isFinite))];
    return [1, ...steps].map((k) => ({
      label,
      k,
      share: (PERCENT * first.filter((rank) => rank <= k).length) / first.length,
    }));
  });
  if (values.length === 0) return undefined;
  return {
    data: { values },
    width: 640,
    height: 280,
    mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
    encoding: {
      x: { field: 'k', type: 'quantitative', scale: { type: 'log' }, title: 'k' },
      y: { field: 'share', type: 'quantitative', scale: { domain: [0, PERCENT] }, title: 'queries, %' },
      color: { field: 'label', type: 'nominal', title: null, sort: methods.map(({ label }) => label) },
    },
  };
}

function conceptSpec(methods: readonly Result[]): TopLevelSpec | undefined {
  const [polar] = methods;
  if (polar?.kind !== 'polar') return undefined;
  const order = [...polar.evaluation.concepts.keys()].sort(
    (a, b) => polar.evaluation.concepts[b]!.mAP - polar.evaluation.concepts[a]!.mAP,
  );
  const values = methods.flatMap(({ label, evaluation }) =>
    evaluation.concepts.map(({ mAP }, concept) => ({ label, concept, mAP: PERCENT * mAP })),
  );
  return {
    data: { values },
    width: 640,
    height: 240,
    mark: { type: 'point', filled: true, opacity: 1, size: 50 },
    encoding: {
      x: { field: 'concept', type: 'ordinal', sort: order, title: 'concept', axis: { labelAngle: 0 } },
      xOffset: { field: 'label', type: 'nominal' },
      y: { field: 'mAP', type: 'quantitative', title: 'mAP, %' },
      color: { field: 'label', type: 'nominal', title: null, sort: methods.map(({ label }) => label) },
    },
  };
}

function ablationSpec(ablation: string, results: readonly Result[]): TopLevelSpec | undefined {
  const runs = results.filter(({ id }) => id.startsWith(`${ablation}=`));
  if (runs.length < 2) return undefined;
  const settings = runs.map(({ id }) => id.slice(ablation.length + 1));
  const values = runs.flatMap((result, index) =>
    ['concept mAP', 'context mRR'].map((figure) => ({
      setting: settings[index],
      figure,
      value: PERCENT * resultFigures(result)[figure]!,
    })),
  );
  return {
    data: { values },
    width: 420,
    height: 220,
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'setting', type: 'ordinal', sort: settings, title: ablation, axis: { labelAngle: 0 } },
      y: { field: 'value', type: 'quantitative', scale: { zero: false }, title: '%' },
      color: { field: 'figure', type: 'nominal', title: null },
    },
  };
}

function captionSpec(results: readonly Result[]): TopLevelSpec | undefined {
  const captions = results.find(({ id }) => id === 'polar')?.captions;
  if (captions === undefined || captions.concepts.length === 0) return undefined;
  const plain = PERCENT * captions.plain;
  const values = captions.concepts.map((recall, concept) => ({ concept, recall: PERCENT * recall, plain }));
  return {
    data: { values },
    width: 640,
    height: 220,
    layer: [
      {
        mark: { type: 'point', filled: true, opacity: 1, size: 60, color: MARK },
        encoding: {
          x: { field: 'concept', type: 'ordinal', title: 'concept', axis: { labelAngle: 0 } },
          y: {
            field: 'recall',
            type: 'quantitative',
            scale: { zero: false },
            title: 'recall@10, % (line: plain CLIP)',
          },
        },
      },
      { mark: { type: 'rule', color: SOFT }, encoding: { y: { field: 'plain', aggregate: 'mean' } } },
    ],
  };
}
