import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import {
  type CaptionEvaluation,
  evaluateCaptions,
  extractFeatures,
  modelSlug,
  percent,
  readAllCheckpoints,
  readCaptionFile,
  readFeatureFile,
  readPoolCaptions,
} from '../../benchmarks/index.ts';
import { PolarError } from '../../errors.ts';
import { interruption } from '../interruption.ts';
import { print, printJson } from '../output.ts';
import { existingFile } from '../paths.ts';
import { progress } from '../progress.ts';
import {
  datasetCommand,
  type FormatOptions,
  openClipModel,
  type TrainingOptions,
  tellProblems,
  withExperiment,
  withTraining,
} from './options.ts';
import { findCaptions, runCaptions, tellShared } from './run.ts';
import { BATCH_SIZE } from './steps.ts';

interface Options extends TrainingOptions, FormatOptions {
  readonly captions?: string;
}

/** `polar bench captions [dataset]` */
export function registerCaptions(bench: Command): void {
  withTraining(
    datasetCommand(bench, 'captions', 'general knowledge: do captions still find their own image?', false),
  )
    .option(
      '--captions <file>',
      'captions of images as JSON (default: conconchi_llava_captions.json)',
      existingFile,
    )
    .option('--json', 'print as JSON')
    .action(run);
}

async function run(name: string | undefined, options: Options): Promise<void> {
  if (name === undefined) {
    if (options.captions === undefined)
      throw new PolarError('give a data set, or --captions <file> with captions of any images');
    const { captions: file } = options;
    await report(await tellProblems(() => evaluateAny(file, options)), options);
    return;
  }
  await withExperiment(name, options, async (experiment) => {
    const file = options.captions ?? (await findCaptions(experiment.benchmark));
    if (file === undefined) {
      throw new PolarError(
        'no captions; give --captions <file> (the released ones for ConCon-Chi: conconchi_llava_captions.json of https://github.com/adobe-research/polar-vl)',
      );
    }
    await report(await runCaptions(experiment, file), options);
  });
}

/** Captions of any images: their features are extracted first, beside the images. */
async function evaluateAny(file: string, options: Options): Promise<CaptionEvaluation> {
  const captions = await readCaptionFile(file);
  const root = options.dataPath ?? dirname(file);
  const images = [...new Set(captions.map((caption) => caption.name))];
  const clip = await openClipModel(options.clipModel);
  const bar = progress('Features', 'images');
  const texts = progress('Captions', 'texts');
  try {
    const pooled = await readPoolCaptions(clip, file, images);
    const features = join(
      root,
      'feats',
      `${basename(file, '.json')}_feats_${modelSlug(options.clipModel)}.npy`,
    );
    await extractFeatures(clip, {
      root,
      names: images,
      file: features,
      batchSize: BATCH_SIZE,
      onProgress: bar.update,
      signal: interruption.signal,
    });
    bar.stop();
    const pool = await readFeatureFile(features, images.length, clip);
    const checkpoints =
      options.checkpointDir === undefined ? [] : await readAllCheckpoints(options.checkpointDir, clip);
    return await evaluateCaptions(clip, {
      pool,
      captions: pooled,
      checkpoints,
      onProgress: texts.update,
      signal: interruption.signal,
    });
  } finally {
    bar.stop();
    texts.stop();
    await clip.close();
  }
}

async function report(evaluated: CaptionEvaluation, options: FormatOptions): Promise<void> {
  tellShared(evaluated);
  if (options.json) {
    printJson(evaluated);
    return;
  }
  print(`Original CLIP VLM caption r@10=${percent(evaluated.plain)}`);
  if (evaluated.concepts.length > 0) print(`VLM caption r@10=${percent(evaluated.mean)}`);
}
