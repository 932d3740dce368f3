import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { ExampleCheck, Separation, TrainingPhoto } from '../index.ts';
import {
  INDEX_HELP,
  interruption,
  MODEL_HELP,
  type ModelOptions,
  number,
  openConcepts,
  openModel,
  openStore,
  whole,
} from './common.ts';
import { colour, count, print, printJson, progress, say } from './output.ts';

interface Options extends ModelOptions {
  readonly class?: string;
  readonly regWeight?: number;
  readonly iterations?: number;
  readonly forward?: 'released' | 'exact';
  readonly seed?: number;
  readonly force?: boolean;
  readonly add?: boolean;
  readonly not?: string[];
  readonly json?: boolean;
}

const asBefore = (value: string): string => `(default: ${value}; with --add as it was learnt before)`;

/** `polar learn <name> <photos...>` */
export function register(program: Command): void {
  program
    .command('learn')
    .description('teach the model a personal thing from about five photos of it')
    .argument('<name>', 'what you call it, for example Rex')
    .argument(
      '<photos...>',
      'photos of it, or a folder of them; photo.jpg#xywh=10,20,300,400 takes a part of one',
    )
    .option('--add', 'learn further from these photos too, on top of those it was learnt from')
    .option('--not <photos...>', 'photos of what looks like it and is not it, to tell the two apart')
    .option('--class <word>', 'what kind of thing it is, for example dog')
    .option('--model <model>', MODEL_HELP)
    .option('--index <uri>', INDEX_HELP)
    .option('--reg-weight <lambda>', `weight of the regularisation ${asBefore('0.35')}`, number(0, 1e6))
    .option('--iterations <n>', `training steps ${asBefore('500')}`, whole(1, 100_000))
    .addOption(
      new Option('--forward <kind>', `training forward pass ${asBefore('released')}`).choices([
        'released',
        'exact',
      ]),
    )
    .option('--seed <n>', `seed of the training ${asBefore('0')}`, whole(0, 2 ** 32 - 1))
    .option('--force', 'learn again over a concept of the same name')
    .option('--json', 'print the result as JSON')
    .action(run);
}

async function run(name: string, photos: string[], options: Options): Promise<void> {
  const polar = await import('../index.ts');
  polar.checkConceptName(name);
  const concepts = await openConcepts();
  const add = options.add ? await concepts.get(name) : undefined;
  if (!options.force && !options.add && (await concepts.has(name))) {
    throw new polar.PolarError(
      `there is a concept "${name}" already; use --force to learn it again, or --add to learn further`,
    );
  }
  const store = await openStore(options);
  const files = await expand(photos, polar.scanPhotos);
  const not = await expand(options.not ?? [], polar.scanPhotos);
  const clip = await openModel(options, store);
  const bar = progress(`Learning ${name}`, 'steps');
  let learnt: Awaited<ReturnType<typeof polar.learnConcept>>;
  const started = performance.now();
  const iterations = options.iterations ?? add?.iterations ?? polar.DEFAULT_TRAINING.iterations;
  try {
    learnt = await polar.learnConcept(clip, add?.name ?? name, files, {
      add,
      not,
      className: options.class,
      regWeight: options.regWeight,
      iterations: options.iterations,
      forward: options.forward,
      seed: options.seed,
      signal: interruption.signal,
      onIteration: (iteration, losses) => {
        bar.update(iteration + 1, iterations);
        if ((iteration + 1) % Math.ceil(iterations / 5) === 0 && !options.json) {
          bar.note(`step ${iteration + 1}: loss ${losses[0]!.toFixed(6)}`);
        }
      },
    });
  } finally {
    bar.stop();
  }
  const seconds = (performance.now() - started) / 1000;
  const { concept, losses } = learnt;
  await concepts.save(concept);
  const library = await polar.PhotoTable.find(store, clip);
  const separation =
    library === undefined
      ? null
      : await polar.measureSeparation((query) => library.search(query, library.count), clip, concept);
  const sample = (await library?.sample(polar.SAMPLE)) ?? [];
  const check = polar.checkExamples(concept.features!, sample);
  await clip.close();
  if (options.json) {
    const { A: _a, B: _b, features: _features, lookAlikes, ...described } = concept;
    printJson({ ...described, not: lookAlikes?.rows ?? 0, losses: [...losses], seconds, separation, check });
    return;
  }
  const others = concept.lookAlikes?.rows ?? 0;
  print(
    `${colour.bold(name)} learnt from ${count(concept.photoHashes.length, 'photo')}${others === 0 ? '' : ` and ${others} of what it is not`} in ${seconds.toFixed(1)} s: loss ${losses[0]!.toFixed(5)} to ${losses.at(-1)!.toFixed(5)}`,
  );
  warn(check, (index) => {
    const earlier = concept.photoHashes.length - files.length;
    return index < earlier ? `its earlier photo ${index + 1}` : nameOf(files[index - earlier]!);
  });
  if (separation !== null) describe(concept.identifier, concept.className, separation);
  say(`Try: polar search "a photo of ${name}"`);
}

function describe(identifier: string, className: string | null, separation: Separation): void {
  const { others, personal, plain } = separation;
  const n = personal.ranks.length;
  const first = (ranks: readonly number[]) => ranks.filter((rank) => rank <= n).length;
  const percent = (auc: number) => `${(100 * auc).toFixed(1)} %`;
  print(
    `Among ${count(others, 'other photo')} of your library, ${first(personal.ranks)} of its ${n} photos take the first ${n} places (${first(plain.ranks)} without learning)`,
  );
  print(
    `Pairs in the right order: ${percent(personal.auc)} with "${identifier}", ${percent(plain.auc)} with plain "${className ?? identifier}"`,
  );
}

function warn({ nearDuplicates, offTopic }: ExampleCheck, name: (index: number) => string): void {
  for (const [first, second] of nearDuplicates) {
    say(`${name(first)} and ${name(second)} are nearly the same picture; another one would teach more`);
  }
  for (const index of offTopic) {
    say(
      `${name(index)} looks unlike the other photos; does it show the same thing? A part of it may do better (#xywh=)`,
    );
  }
}

const nameOf = (photo: TrainingPhoto): string => (typeof photo === 'string' ? photo : photo.path);

/** Folders become the photos in them; `#xywh=left,top,width,height` names a part of a photo. */
async function expand(
  photos: readonly string[],
  scan: typeof import('../index.ts').scanPhotos,
): Promise<TrainingPhoto[]> {
  const files: TrainingPhoto[] = [];
  for (const photo of photos) {
    const part = /^(.*)#xywh=(\d+),(\d+),(\d+),(\d+)$/.exec(photo);
    if (part !== null) {
      const [left, top, width, height] = part.slice(2).map(Number) as [number, number, number, number];
      files.push({ path: part[1]!, box: { left, top, width, height } });
      continue;
    }
    const isFolder = (await stat(photo).catch(() => undefined))?.isDirectory() ?? false;
    if (isFolder) files.push(...(await scan(photo)).photos.map((file) => file.path));
    else files.push(photo);
  }
  return files;
}
