import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { Option } from 'commander';
import { judgeConcept, type Lesson, planLesson, type TeachMode, teach } from '../../app/teach.ts';
import { FORWARDS, type Forward } from '../../clip/frozen-texts.ts';
import { rememberTexts } from '../../clip/remember-texts.ts';
import { PolarError } from '../../errors.ts';
import type { PhotoStore } from '../../library/photo-store.ts';
import { knownEmbeddings } from '../../library/reading/known-embeddings.ts';
import { PhotoTable } from '../../library/search.ts';
import type { ConceptStore } from '../../node/concepts/concept-store.ts';
import { fileExamples, type TrainingPhoto } from '../../node/learn.ts';
import type { Learnt } from '../../polar/learn.ts';
import { DEFAULT_SEED, DEFAULT_TRAINING } from '../../polar/training-defaults.ts';
import {
  deviceOption,
  INDEX_HELP,
  MODEL_HELP,
  type ModelOptions,
  number,
  precisionOption,
  whole,
} from '../common.ts';
import { isInImmich, openImmich } from '../immich-photos.ts';
import { interruption } from '../interruption.ts';
import { openModel, openStore } from '../open.ts';
import { openConcepts } from '../open-concepts.ts';
import { colour, count, print, printJson, say } from '../output.ts';
import { indexUri, modelName, word } from '../paths.ts';
import { progress } from '../progress.ts';
import { describeHeldOut } from './held-out-words.ts';

interface Options extends ModelOptions {
  readonly class?: string;
  readonly regWeight?: number;
  readonly iterations?: number;
  readonly forward?: Forward;
  readonly seed?: number;
  readonly review?: boolean;
  readonly force?: boolean;
  readonly add?: boolean;
  readonly not?: string[];
  readonly json?: boolean;
}

const asBefore = (value: string | number): string =>
  `(default: ${value}; with --add as it was learnt before)`;

/** `polar learn <name> <photos...>` */
export function register(command: Command): void {
  command
    .argument('<name>', 'what you call it, for example Rex')
    .argument(
      '[photos...]',
      'photos of it, or a folder of them; photo.jpg#xywh=10,20,300,400 takes a part of one; immich:album/<name>, asset/<id>, person/<name> or tag/<name> for photos of an immich server',
    )
    .option('--add', 'learn further from these photos too, on top of those it was learnt from')
    .option('--not <photos...>', 'photos of what looks like it and is not it, to tell the two apart')
    .option('--class <word>', 'what kind of thing it is, for example dog', word)
    .option('--model <model>', MODEL_HELP, modelName)
    .option('--index <uri>', INDEX_HELP, indexUri)
    .addOption(deviceOption())
    .addOption(precisionOption())
    .option(
      '--reg-weight <lambda>',
      `weight of the regularisation ${asBefore(DEFAULT_TRAINING.regWeight)}`,
      number(0, 1e6),
    )
    .option('--iterations <n>', `training steps ${asBefore(DEFAULT_TRAINING.iterations)}`, whole(1, 100_000))
    .addOption(
      new Option('--forward <kind>', `training forward pass ${asBefore(DEFAULT_TRAINING.forward)}`).choices(
        FORWARDS,
      ),
    )
    .option('--seed <n>', `seed of the training ${asBefore(DEFAULT_SEED)}`, whole(0, 2 ** 32 - 1))
    .option(
      '--review',
      'answer for about ten photos whether they show it, and learn it again with the answers',
    )
    .option('--force', 'learn again over a concept of the same name')
    .option('--json', 'print the result as JSON')
    .action(run);
}

async function run(name: string, photos: string[], options: Options): Promise<void> {
  const shelf = openConcepts();
  if (photos.length === 0) {
    if (options.review) return review(name, shelf, options);
    throw new PolarError('no photos given; polar learn --help shows how it is used');
  }
  const mode = options.add ? 'add' : options.force ? 'replace' : 'new';
  await planLesson(name, { mode, shelf });
  const store = openStore(options);
  const { signal } = interruption;
  const given = [...photos, ...(options.not ?? [])];
  const immich = given.some(isInImmich) ? await openPreviews() : undefined;
  try {
    const take = async (photo: string) =>
      isInImmich(photo) ? immich!.take(photo, say, signal) : expandFolder(photo);
    const files = await expand(photos, take);
    const not = await expand(options.not ?? [], take);
    await learn(name, options, { mode, shelf, store, files, not, linkOf: (path) => immich?.linkOf(path) });
  } finally {
    await immich?.close();
  }
}

/** Where photos of an immich server come from. */
async function openPreviews() {
  const { TrainingPreviews } = await import('../../immich/index.ts');
  return new TrainingPreviews(await openImmich());
}

interface Plan {
  readonly mode: TeachMode;
  readonly shelf: ConceptStore;
  readonly store: PhotoStore;
  readonly files: readonly TrainingPhoto[];
  readonly not: readonly TrainingPhoto[];
  /** Where a person sees a photo that is not a file of this machine. */
  readonly linkOf: (path: string) => string | undefined;
}

async function learn(name: string, options: Options, plan: Plan): Promise<void> {
  const { mode, shelf, store, files, not, linkOf } = plan;
  const { signal } = interruption;
  const clip = rememberTexts(await openModel(options, store, { textThread: true }));
  const onSkipped = (path: string, reason: string) => say(`skipped ${linkOf(path) ?? path}: ${reason}`);
  const known = knownEmbeddings(store, clip);
  const examples = fileExamples(clip, files, { not, signal, onSkipped, known });
  const nameOf = (index: number): string => {
    const name = examples.nameOf!(index);
    return linkOf(name) ?? name;
  };
  const bar = progress(`Learning ${name}`, 'steps');
  const library = await PhotoTable.find(store, clip);
  let lesson: Lesson;
  try {
    lesson = await teach(
      clip,
      name,
      { ...examples, nameOf },
      {
        mode,
        shelf,
        library,
        holdOut: true,
        className: options.class,
        regWeight: options.regWeight,
        iterations: options.iterations,
        forward: options.forward,
        seed: options.seed,
        signal,
        onStep: (step, steps, loss) => {
          bar.update(step, steps);
          if (step % Math.ceil(steps / 5) === 0 && !options.json) {
            bar.note(`step ${step}: loss ${loss.toFixed(6)}`);
          }
        },
        onLearnt: (learnt, seconds) => {
          bar.stop();
          if (!options.json) print(describeLearnt(learnt, seconds));
        },
      },
    );
  } finally {
    bar.stop();
  }
  const { concept, losses, seconds, heldOut, check, hints } = lesson;
  if (options.json) {
    const separation = await judgeConcept(clip, concept, library);
    const { A: _a, B: _b, features: _features, lookAlikes, ...described } = concept;
    printJson({
      ...described,
      not: lookAlikes?.rows ?? 0,
      losses: [...losses],
      seconds,
      separation,
      heldOut,
      check,
    });
  } else {
    for (const hint of hints) say(hint);
    if (heldOut !== null) for (const line of describeHeldOut(concept, heldOut)) print(line);
    say(`Try: polar search "a photo of ${name}"`);
  }
  await clip.close();
}

function describeLearnt({ concept, losses }: Learnt, seconds: number): string {
  const { name, photoHashes, lookAlikes } = concept;
  const others = lookAlikes?.rows ?? 0;
  return `${colour.bold(name)} learnt from ${count(photoHashes.length, 'photo')}${others === 0 ? '' : ` and ${others} of what it is not`} in ${seconds.toFixed(1)} s: loss ${losses[0]!.toFixed(5)} to ${losses.at(-1)!.toFixed(5)}`;
}

async function review(name: string, shelf: ConceptStore, options: Options): Promise<void> {
  const store = openStore(options);
  await shelf.get(name); // before a model is loaded for it
  const clip = await openModel(options, store);
  const { reviewConcept } = await import('./review.ts');
  await reviewConcept(name, { clip, shelf, store, json: options.json ?? false });
  await clip.close();
}

/** `take` says which files a photo, a folder or a source stands for; `#xywh=left,top,width,height` names a part of one. */
async function expand(
  photos: readonly string[],
  take: (photo: string) => Promise<readonly string[]>,
): Promise<TrainingPhoto[]> {
  const files: TrainingPhoto[] = [];
  for (const photo of photos) {
    const part = /^(.*)#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(photo);
    const [left, top, width, height] = (part?.slice(2) ?? []).map(Number) as [number, number, number, number];
    if (part === null) files.push(...(await take(photo)));
    else for (const path of await take(part[1]!)) files.push({ path, box: { left, top, width, height } });
  }
  return files;
}

/** Folders become the photos in them. */
async function expandFolder(photo: string): Promise<readonly string[]> {
  const found = await stat(photo).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
      throw new PolarError(`${photo}: no such file or folder; check the path`, 'not-found');
    }
    return undefined; // reading it says what is wrong
  });
  if (!found?.isDirectory()) return [photo];
  const { scanPhotos } = await import('../../library/scan.ts');
  return (await scanPhotos(photo)).photos.map((file) => file.path);
}
