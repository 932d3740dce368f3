import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  ABLATIONS,
  type Ablation,
  ablationSettings,
  BASELINE_LABELS,
  BASELINES,
  type Benchmark,
  type CaptionEvaluation,
  compareResults,
  type Experiment,
  evaluateAblation,
  evaluateBaseline,
  evaluateExperimentCaptions,
  evaluatePolar,
  evaluateSeed,
  listResults,
  readPoolCaptions,
  SWEEPS,
  TEXTUAL_INVERSION,
  writeReport,
} from '../../benchmarks/index.ts';
import { PolarError } from '../../errors.ts';
import type { Clip } from '../../node/load-clip.ts';
import { whole } from '../common.ts';
import { interruption } from '../interruption.ts';
import { count, print, printJson, say } from '../output.ts';
import { existingFile, fileToBe } from '../paths.ts';
import { progress } from '../progress.ts';
import {
  checkAll,
  datasetCommand,
  type FormatOptions,
  printTable,
  type TrainingOptions,
  withExperiment,
  withFormat,
  withTraining,
} from './options.ts';
import { BATCH_SIZE, extractSets, requireSets, train } from './steps.ts';

interface TableOptions extends TrainingOptions, FormatOptions {}

interface RunOptions extends TableOptions {
  readonly batchSize: number;
  readonly captions?: string;
}

/** `polar bench run | baselines | ablate | seeds | compare | report` */
export function registerRuns(bench: Command): void {
  tableCommand(
    bench,
    'run',
    'everything: extract, train, evaluate, captions, baselines; what is done is skipped',
  )
    .option('--batch-size <n>', 'images at a time', whole(1, 4096), BATCH_SIZE)
    .option(
      '--captions <file>',
      'captions of the pool images (default: conconchi_llava_captions.json if there)',
      existingFile,
    )
    .action((name: string, options: RunOptions) =>
      withExperiment(name, options, (experiment) => runAll(experiment, options)),
    );
  tableCommand(
    bench,
    'baselines',
    'evaluate what POLAR is compared with: class names, mean image features, image + text (textual inversion is left out: it needs a gradient that the engine does not have)',
  ).action((name: string, options: TableOptions) =>
    withExperiment(name, options, async (experiment) => {
      await runBaselines(experiment);
      await printTable(experiment, options);
    }),
  );
  tableCommand(bench, 'ablate', 'train and evaluate with one thing varied')
    .argument('<what>', 'lambda, iterations, images, forward or rank')
    .argument('[values...]', 'values to try')
    .action((name: string, what: string, values: string[], options: TableOptions) =>
      withExperiment(name, options, (experiment) => ablate(experiment, what, values, options)),
    );
  tableCommand(bench, 'seeds', 'train and evaluate with several seeds: means with 95 % intervals')
    .option('--count <n>', 'how many seeds, counted up from --seed', whole(2, 1000), 5)
    .action((name: string, options: TableOptions & { count: number }) =>
      withExperiment(name, options, (experiment) => runSeeds(experiment, options)),
    );
  withTraining(
    datasetCommand(bench, 'compare', 'is one row of the table better than another? (paired bootstrap)'),
  )
    .argument('<row>', 'for example polar')
    .argument('<other>', 'for example image-text, or lambda=0')
    .option('--json', 'print as JSON')
    .action((name: string, row: string, other: string, options: TableOptions) =>
      withExperiment(name, options, (experiment) => compare(experiment, row, other, options)),
    );
  withTraining(datasetCommand(bench, 'report', 'write a page with the table, charts and the worst queries'))
    .option('--html <file>', 'where to', fileToBe, 'report.html')
    .action((name: string, options: TrainingOptions & { html: string }) =>
      withExperiment(name, options, async ({ benchmark, folder }) => {
        await writeReport(options.html, benchmark, await listResults(folder));
        say(`Page written: ${options.html}`);
      }),
    );
}

function tableCommand(bench: Command, name: string, description: string): Command {
  return withFormat(withTraining(datasetCommand(bench, name, description)));
}

async function runAll(experiment: Experiment & { readonly clip: Clip }, options: RunOptions): Promise<void> {
  const { clip, benchmark } = experiment;
  const captions = options.captions ?? (await findCaptions(benchmark));
  // What is missing is told at once, before any work.
  await checkAll([
    () => requireSets(experiment),
    async () => captions !== undefined && readPoolCaptions(clip, captions, benchmark.pool),
  ]);
  await extractSets(experiment, options.batchSize);
  await train(experiment);
  await evaluatePolar(experiment);
  await runBaselines(experiment);
  if (captions !== undefined) tellShared(await runCaptions(experiment, captions));
  else say('No caption recall@10: give the captions of the pool images with --captions');
  await printTable(experiment, options);
}

async function runBaselines(experiment: Experiment): Promise<void> {
  for (const baseline of BASELINES) {
    const result = await evaluateBaseline(experiment, baseline);
    if (result === undefined)
      say(`${BASELINE_LABELS[baseline]} is left out: the annotations name no classes`);
  }
  say(TEXTUAL_INVERSION);
}

/** The released captions, beside the data or in the working folder. */
export async function findCaptions({ dataset, path }: Benchmark): Promise<string | undefined> {
  if (dataset !== 'conconchi') return undefined;
  const name = 'conconchi_llava_captions.json';
  for (const file of [name, join(path, name)]) {
    if ((await stat(file).catch(() => undefined)) !== undefined) return file;
  }
  return undefined;
}

/** Says which captions cannot find all of their images. */
export function tellShared({ shared: { texts, images } }: CaptionEvaluation): void {
  if (texts === 0) return;
  say(
    `${count(images, 'image')} share ${count(texts, 'caption')}: each of these can put only one of its images first`,
  );
}

/** Caption recall@10 of an experiment's checkpoints. */
export async function runCaptions(experiment: Experiment, file: string) {
  const bar = progress('Captions', 'texts');
  const options = { onProgress: bar.update, signal: interruption.signal };
  return evaluateExperimentCaptions(experiment, file, options).finally(bar.stop);
}

async function ablate(
  experiment: Experiment,
  what: string,
  values: readonly string[],
  options: TableOptions,
) {
  const ablation: Ablation | undefined = ABLATIONS.find((known) => known === what);
  if (ablation === undefined)
    throw new PolarError(`${what}: cannot be varied; expected ${ABLATIONS.join(', ')}`);
  const tried = values.length > 0 ? values : SWEEPS[ablation].values;
  for (const value of tried) ablationSettings(experiment, ablation, value); // refused before any work
  for (const value of tried) {
    const bar = progress(`${ablation}=${value}`, 'steps');
    const training = { onProgress: bar.update, signal: interruption.signal };
    await evaluateAblation(experiment, ablation, value, training).finally(bar.stop);
  }
  await printTable(experiment, options);
}

async function runSeeds(experiment: Experiment, options: TableOptions & { readonly count: number }) {
  for (let index = 0; index < options.count; index++) {
    const seed = experiment.settings.seed + index;
    const bar = progress(`seed ${seed}`, 'steps');
    const training = { onProgress: bar.update, signal: interruption.signal };
    await evaluateSeed(experiment, seed, training).finally(bar.stop);
  }
  await printTable(experiment, options);
}

async function compare(experiment: Experiment, row: string, other: string, options: FormatOptions) {
  const results = await listResults(experiment.folder);
  const find = (id: string) => {
    const result = results.find((known) => known.id === id);
    if (result === undefined) {
      throw new PolarError(
        `${id}: no such row in ${experiment.folder}; found ${results.map((known) => known.id).join(', ') || 'none'}`,
        'not-found',
      );
    }
    return result;
  };
  const differences = compareResults(find(row), find(other));
  if (options.json) printJson({ row, other, differences });
  for (const [metric, { difference, low, high, p }] of options.json ? [] : Object.entries(differences)) {
    const signed = (share: number) =>
      Number.isNaN(share) ? 'nan' : `${share < 0 ? '' : '+'}${(100 * share).toFixed(2)}`;
    print(
      `${metric}: ${signed(difference)} (95 % interval ${signed(low)} to ${signed(high)}, p = ${Number.isNaN(p) ? 'nan' : p.toFixed(4)})`,
    );
  }
}
