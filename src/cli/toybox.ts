import type { Command } from 'commander';
import { makeConConChi } from '../toybox/make-conconchi.ts';
import { makeDeepFashion2 } from '../toybox/make-deepfashion2.ts';
import { makeToyboxPhotos } from '../toybox/make-photos.ts';
import type { MakeOptions } from '../toybox/scene-set.ts';
import { whole } from './common.ts';
import { interruption } from './interruption.ts';
import { count, print, printJson, say } from './output.ts';
import { folderToBe } from './paths.ts';
import { progress } from './progress.ts';

interface ToyboxOptions {
  readonly seed: number;
  readonly json?: boolean;
}

/** `polar toybox`: pictures of the little world that Toybox knows. */
export function register(toybox: Command): void {
  makeCommand(toybox, 'make-photos', 'write a small photo library with three personal things').action(
    (folder: string, options: ToyboxOptions) =>
      make(folder, options, async (settings) => {
        const made = await makeToyboxPhotos(folder, settings);
        if (options.json) return printJson(made);
        print(`${made.library}  ${count(made.photos, 'photo')}`);
        for (const { className, examples } of made.things)
          print(`${examples}  a ${className}, 5 photos to learn from`);
      }),
  );
  makeCommand(toybox, 'make-conconchi', "write a data set in ConCon-Chi's layout").action(
    (folder: string, options: ToyboxOptions) =>
      make(folder, options, async (settings) => {
        await makeConConChi(folder, settings);
        done(folder, 'conconchi', options);
      }),
  );
  makeCommand(toybox, 'make-deepfashion2', "write a data set in DeepFashion2's layout").action(
    (folder: string, options: ToyboxOptions) =>
      make(folder, options, async (settings) => {
        await makeDeepFashion2(folder, settings);
        done(folder, 'deepfashion2', options);
      }),
  );
}

function makeCommand(toybox: Command, name: string, description: string): Command {
  return toybox
    .command(name)
    .description(description)
    .argument('<folder>', 'where to write it', folderToBe)
    .option('--seed <n>', 'another seed, other pictures', whole(0, 400), 0)
    .option('--json', 'results as JSON');
}

async function make(
  folder: string,
  options: ToyboxOptions,
  write: (settings: MakeOptions) => Promise<void>,
): Promise<void> {
  const bar = progress(`Drawing ${folder}`, 'pictures');
  try {
    await write({
      seed: options.seed,
      signal: interruption.signal,
      onProgress: bar.update,
    });
  } finally {
    bar.stop();
  }
}

function done(folder: string, dataset: string, { json }: ToyboxOptions): void {
  if (json) printJson({ dataset, path: folder });
  else print(folder);
  say(`Next: polar bench run ${dataset} --data-path ${folder} --clip-model toybox`);
}
