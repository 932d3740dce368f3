import type { Command } from 'commander';
import {
  checkBenchmark,
  DOWNLOADS,
  type Experiment,
  evaluatePolar,
  extractFeatures,
  type FeatureSet,
  featureFiles,
  findFeatures,
  loadBenchmark,
  percent,
  readFeatures,
  releasedLines,
  requireImages,
  SPLITS,
  type Split,
  trainBenchmark,
} from '../../benchmarks/index.ts';
import { PolarError } from '../../errors.ts';
import type { Device } from '../../node/devices/device.ts';
import type { Clip } from '../../node/load-clip.ts';
import { deviceOption, whole } from '../common.ts';
import { interruption } from '../interruption.ts';
import { count, print, printJson, say } from '../output.ts';
import { progress } from '../progress.ts';
import {
  type DataOptions,
  datasetCommand,
  datasetOf,
  type FormatOptions,
  openClipModel,
  sourceOf,
  type TrainingOptions,
  tellProblems,
  withExperiment,
  withTraining,
} from './options.ts';

interface ExtractOptions extends DataOptions {
  readonly batchSize: number;
  readonly device?: Device;
}

export const BATCH_SIZE = 64; // the released scripts'

/** `polar bench check | extract | train | eval` */
export function registerSteps(bench: Command): void {
  datasetCommand(bench, 'check', 'list what is missing of a data set, and where to get it')
    .option('--json', 'print as JSON')
    .action(check);
  datasetCommand(bench, 'extract', 'write image features under the released names')
    .option('--batch-size <n>', 'images at a time', whole(1, 4096), BATCH_SIZE)
    .addOption(deviceOption())
    .action(extract);
  withTraining(datasetCommand(bench, 'train', 'train a checkpoint for each concept')).action(
    (name: string, options: TrainingOptions) => withExperiment(name, options, train),
  );
  withTraining(datasetCommand(bench, 'eval', 'print the metrics that the released scripts print'))
    .option('--json', 'print as JSON')
    .action((name: string, options: TrainingOptions & FormatOptions) =>
      withExperiment(name, options, (experiment) => evaluate(experiment, options)),
    );
}

async function check(name: string, options: DataOptions & FormatOptions): Promise<void> {
  const source = sourceOf(await datasetOf(name), options);
  const { problems, counts } = await checkBenchmark(source);
  if (options.json) printJson({ ...source, problems, counts });
  else {
    for (const problem of problems) print(problem);
    const found = Object.entries(counts).map(([noun, number]) => `${number.toLocaleString('en')} ${noun}`);
    print(`${source.dataset} ${source.split} in ${source.path}: ${found.join(', ')}`);
  }
  if (problems.length === 0) return;
  for (const line of DOWNLOADS[source.dataset](source.path)) say(line);
  throw new PolarError(`${source.path}: ${count(problems.length, 'thing')} missing or wrong; see above`);
}

async function extract(name: string, options: ExtractOptions): Promise<void> {
  const dataset = await datasetOf(name);
  const all: readonly Split[] = dataset === 'deepfashion2' ? SPLITS : ['test'];
  const splits = options.split === undefined ? all : [options.split];
  const benchmarks = await tellProblems(() =>
    Promise.all(splits.map((split) => loadBenchmark(sourceOf(dataset, { ...options, split })))),
  );
  const clip = await openClipModel(options.clipModel, options.device);
  try {
    for (const benchmark of benchmarks) {
      await tellProblems(() => extractSets({ clip, benchmark, model: options.clipModel }, options.batchSize));
    }
  } finally {
    await clip.close();
  }
}

/** Makes sure that the images whose features are not there yet can be found. */
export async function requireSets({ benchmark, model }: Pick<Experiment, 'benchmark' | 'model'>) {
  const missing: string[] = [];
  for (const [set, images] of [
    ['train', benchmark.trainImages],
    ['test', benchmark.pool],
  ] as const) {
    if ((await findFeatures(benchmark, set, model)) === undefined) missing.push(...images);
  }
  await requireImages(benchmark, missing);
}

/** Extracts the features of training and pool images that are not there yet. */
export async function extractSets(
  { clip, benchmark, model }: Pick<Experiment, 'benchmark' | 'model'> & { readonly clip: Clip },
  batchSize: number,
): Promise<void> {
  const sets: readonly FeatureSet[] = ['train', 'test'];
  const imagesOf = (set: FeatureSet) => (set === 'train' ? benchmark.trainImages : benchmark.pool);
  await requireSets({ benchmark, model });
  for (const set of sets) {
    const file = (await findFeatures(benchmark, set, model)) ?? featureFiles(benchmark, set, model)[0]!;
    const bar = progress(`Features ${set}`, 'images');
    const outcome = await extractFeatures(clip, {
      root: benchmark.path,
      names: imagesOf(set),
      file,
      batchSize,
      onProgress: bar.update,
      signal: interruption.signal,
    }).finally(bar.stop);
    if (outcome === 'foreign') say(`${file} was made by another program and is used as it is`);
    else if (outcome === 'unchanged') say(`${file} is there already`);
    else say(`${file} written, ${count(imagesOf(set).length, 'image')}`);
  }
}

/** Trains the concepts that have no checkpoint yet. */
export async function train({ clip, model, benchmark, folder, settings }: Experiment): Promise<void> {
  const features = await readFeatures(benchmark, 'train', model, clip);
  const bar = progress('Training', 'steps');
  const following = { onProgress: bar.update, signal: interruption.signal };
  const done = await trainBenchmark(clip, { benchmark, features, folder, settings, ...following }).finally(
    bar.stop,
  );
  if (done.foreign)
    say(
      `${folder}: ${count(done.kept, 'checkpoint of another program is used as it is', 'checkpoints of another program are used as they are')}`,
    );
  else if (done.kept > 0) say(`${folder}: ${count(done.kept, 'checkpoint')} there already`);
  if (done.trained > 0) say(`${folder}: ${count(done.trained, 'checkpoint')} written`);
}

async function evaluate(experiment: Experiment, options: FormatOptions): Promise<void> {
  const { evaluation } = await evaluatePolar(experiment);
  if (options.json) printJson(evaluation);
  else for (const line of releasedLines(experiment.benchmark, evaluation.figures, percent)) print(line);
}
