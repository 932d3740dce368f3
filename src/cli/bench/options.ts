import { join } from 'node:path';
import { type Command, Option } from 'commander';
import {
  BenchmarkDataError,
  checkpointFolder,
  DATASETS,
  type Dataset,
  defaultSettings,
  type Experiment,
  formatTable,
  listResults,
  loadBenchmark,
  makeTable,
  type Split,
  type TableFormat,
  type TrainingSettings,
} from '../../benchmarks/index.ts';
import { FORWARDS, type Forward } from '../../clip/frozen-texts.ts';
import { PolarError } from '../../errors.ts';
import type { Device } from '../../node/devices/device.ts';
import { type Clip, loadClip } from '../../node/load-clip.ts';
import { IDENTIFIER } from '../../polar/concept/concept.ts';
import { DEFAULT_TRAINING } from '../../polar/training-defaults.ts';
import { MODEL_HELP, number, whole } from '../common.ts';
import { interruption } from '../interruption.ts';
import { downloadProgress } from '../open.ts';
import { printData, say } from '../output.ts';
import { folderToBe, modelName, word } from '../paths.ts';

/** Where the data is and which model looks at it. */
export interface DataOptions {
  readonly dataPath?: string;
  readonly clipModel: string;
  readonly split?: Split;
}

/** How concepts are trained; what is left out follows the data set. */
export interface TrainingOptions extends DataOptions {
  readonly checkpointDir?: string;
  readonly numIters: number;
  readonly regWeight?: number;
  readonly lr: number;
  readonly conceptIdentifier: string;
  readonly numTrainImages?: number;
  readonly seed?: number;
  readonly forward: Forward;
}

/** How a table is printed. */
export interface FormatOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly markdown?: boolean;
}

const DATASET_HELP = 'conconchi or deepfashion2';

/**
 * A command on one data set, with the options of the released scripts that say where the data is.
 *
 * @param required whether a data set must be named
 */
export function datasetCommand(parent: Command, name: string, description: string, required = true): Command {
  return parent
    .command(name)
    .description(description)
    .argument(required ? '<dataset>' : '[dataset]', DATASET_HELP)
    .option('--data-path <folder>', 'the data set (default: data/<dataset>)', folderToBe)
    .option('--clip-model <model>', MODEL_HELP, modelName, 'ViT-L/14')
    .addOption(
      new Option('--split <split>', 'half of DeepFashion2 (default: test)').choices(['test', 'validation']),
    );
}

/** Adds the released training scripts' options. */
export function withTraining(command: Command): Command {
  return command
    .option(
      '--checkpoint-dir <folder>',
      'checkpoints (default: checkpoints/train_<dataset>_<model>)',
      folderToBe,
    )
    .option('--num-iters <n>', 'training steps', whole(1, 1_000_000), DEFAULT_TRAINING.iterations)
    .option(
      '--reg-weight <lambda>',
      `regularisation (default: ${DEFAULT_TRAINING.regWeight}, DeepFashion2 0.1)`,
      number(0, 1e6),
    )
    .option('--lr <rate>', 'learning rate', number(0, 1e3), DEFAULT_TRAINING.learningRate)
    .option('--concept-identifier <word>', 'word that stands for a concept', word, IDENTIFIER)
    .option('--num-train-images <n>', 'images a concept (default: all, DeepFashion2 5)', whole(1, 1000))
    .option(
      '--seed <n>',
      'seed of images, prompts and A (default: 0, DeepFashion2 123)',
      whole(0, 2 ** 32 - 1),
    )
    .addOption(
      new Option('--forward <kind>', 'training forward pass')
        .choices(FORWARDS)
        .default(DEFAULT_TRAINING.forward),
    );
}

/** Adds the ways a table is printed. */
export function withFormat(command: Command): Command {
  return command
    .addOption(new Option('--json', 'print as JSON').conflicts(['csv', 'markdown']))
    .addOption(new Option('--csv', 'print as CSV').conflicts('markdown'))
    .option('--markdown', 'print as a Markdown table');
}

/** Which format the options ask for. */
export function formatOf({ json, csv, markdown }: FormatOptions): TableFormat {
  return json ? 'json' : csv ? 'csv' : markdown ? 'markdown' : 'text';
}

/** Checks the name of a data set. */
export async function datasetOf(name: string): Promise<Dataset> {
  const dataset = DATASETS.find((known) => known === name);
  if (dataset === undefined)
    throw new PolarError(`${name}: no such data set; expected ${DATASETS.join(' or ')}`, 'not-found');
  return dataset;
}

/** Where a data set lies. */
export function sourceOf(dataset: Dataset, { dataPath, split = 'test' }: DataOptions) {
  return { dataset, path: dataPath ?? join('data', dataset), split };
}

/** Loads the model that was named, downloading it where need be. */
export async function openClipModel(model: string, device?: Device): Promise<Clip> {
  const download = downloadProgress();
  try {
    return await loadClip(model, {
      signal: interruption.signal,
      onProgress: download.update,
      device,
      onNote: say,
    });
  } finally {
    download.stop();
  }
}

/** The training settings that the options ask for. */
async function settingsOf(dataset: Dataset, options: TrainingOptions): Promise<TrainingSettings> {
  const defaults = defaultSettings({ dataset });
  return {
    identifier: options.conceptIdentifier,
    iterations: options.numIters,
    learningRate: options.lr,
    forward: options.forward,
    rank: defaults.rank,
    regWeight: options.regWeight ?? defaults.regWeight,
    seed: options.seed ?? defaults.seed,
    trainImages: options.numTrainImages ?? defaults.trainImages,
  };
}

/** Reads the annotations, then loads the model, then does the work; the model is closed whatever happens. */
export async function withExperiment(
  name: string,
  options: TrainingOptions,
  work: (experiment: Experiment & { readonly clip: Clip }) => Promise<void>,
): Promise<void> {
  const dataset = await datasetOf(name);
  const source = sourceOf(dataset, options);
  const benchmark = await tellProblems(() => loadBenchmark(source));
  const folder = options.checkpointDir ?? checkpointFolder(dataset, source.split, options.clipModel);
  const settings = await settingsOf(dataset, options);
  const clip = await openClipModel(options.clipModel);
  try {
    await tellProblems(() => work({ clip, model: options.clipModel, benchmark, folder, settings }));
  } finally {
    await clip.close();
  }
}

/** Everything that is wrong with a data set, one a line, before the error that sums it up. */
export async function tellProblems<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BenchmarkDataError && error.problems.length > 1) {
      for (const problem of error.problems) say(problem);
    }
    throw error;
  }
}

/** Makes every check, and tells what all of them found together. */
export async function checkAll(checks: readonly (() => Promise<unknown>)[]): Promise<void> {
  const found: InstanceType<typeof BenchmarkDataError>[] = [];
  for (const check of checks) {
    await check().catch((error: unknown) => {
      if (!(error instanceof BenchmarkDataError)) throw error;
      found.push(error);
    });
  }
  const [first, ...others] = found;
  if (first === undefined) return;
  if (others.length === 0) throw first;
  throw first.with(others);
}

/** Prints the table of everything that was evaluated beside an experiment's checkpoints. */
export async function printTable(
  { benchmark, folder }: Pick<Experiment, 'benchmark' | 'folder'>,
  options: FormatOptions,
) {
  const table = formatTable(makeTable(benchmark.dataset, await listResults(folder)), formatOf(options));
  for (const line of table.split('\n')) printData(line);
}
