import type { Command } from 'commander';
import { PolarError } from '../errors.ts';
import { IMMICH_EVERY } from '../immich/every.ts';
import { forget } from '../library/folder-states.ts';
import { type IndexedFolder, listFailed, listFolders } from '../library/folders.ts';
import { finishIndex, indexPhotos } from '../library/index-photos.ts';
import { describeLeftOut } from '../library/left-out.ts';
import type { PhotoStore } from '../library/photo-store.ts';
import { scanPhotos } from '../library/scan.ts';
import { countPhotos } from '../library/search.ts';
import { parseShard } from '../library/shard.ts';
import type { IndexSummary } from '../library/update.ts';
import { watchPhotos } from '../library/watch.ts';
import {
  deviceOption,
  folderPattern,
  INDEX_HELP,
  MODEL_HELP,
  type ModelOptions,
  minutes,
  precisionOption,
  whole,
} from './common.ts';
import { addressInImmich, indexFromImmich, isInImmich } from './immich-photos.ts';
import { interruption } from './interruption.ts';
import { openModel, openStore } from './open.ts';
import { count, print, printData, printJson, say } from './output.ts';
import { indexUri, modelName } from './paths.ts';
import { progress } from './progress.ts';

interface Options extends ModelOptions {
  readonly skip?: string[];
  readonly failed?: boolean;
  readonly stills?: number;
  readonly crops?: boolean;
  readonly shard?: string;
  readonly finish?: boolean;
  readonly watch?: boolean;
  readonly every?: number;
  readonly forget?: string[];
  readonly json?: boolean;
}

// A picture a second of a film of a quarter of an hour.
const MOST_STILLS = 1000;

/** `polar index <folder...>` */
export function register(command: Command): void {
  command
    .argument(
      '[folder...]',
      'folders of photos; hidden files, ._* and links are passed over; immich: for the photos of an immich server (default: all folders that were indexed)',
    )
    .option('--skip <name...>', 'names of folders to pass over too, with * and ? as wildcards', folderPattern)
    .option('--watch', 'stay, and index what changes in the folder as it changes; Ctrl-C ends it')
    .option(
      '--every <minutes>',
      `how often --watch asks an immich server (default: ${IMMICH_EVERY})`,
      minutes,
    )
    .option(
      '--forget <path...>',
      'take folders or photos out of the index; the files stay, and inside an indexed folder they stay out',
    )
    .option(
      '--stills <n>',
      'how many pictures of a video are indexed, evenly over its time (default: 3)',
      whole(1, MOST_STILLS),
    )
    .option(
      '--crops',
      'index five parts of each photo too: small things are found better, the index is six times as large; of photos that are read from now on',
    )
    .option('--failed', 'list the photos that could not be read, with the reasons')
    .option('--model <model>', MODEL_HELP, modelName)
    .option('--index <uri>', INDEX_HELP, indexUri)
    .addOption(deviceOption())
    .addOption(precisionOption())
    .option('--shard <i/n>', 'index one of n shares of the photos (i from 0); n processes fill one index')
    .option('--finish', 'when all shares are done: compact the index, and make a large one fast to search')
    .option('--json', 'print the summary as JSON')
    .action(run);
}

async function run(given: string[], options: Options): Promise<void> {
  const store = openStore(options);
  if (options.forget !== undefined) return forgetAll(given, options.forget, options, store);
  if (options.watch && given.length !== 1)
    throw new PolarError('--watch takes one folder; start one polar for each');
  if (given.some(isInImmich) && options.shard !== undefined) {
    throw new PolarError('--shard is for folders; leave it out for the photos of an immich server');
  }
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const clip = await openModel(options, store, {
    purpose: given.length > 0 ? 'index' : 'search',
    photos: () => countFiles(given, options.skip),
  });
  const only = options.failed || options.finish;
  const known = given.length > 0 || only ? [] : await listFolders(store, clip);
  const folders: readonly Wanted[] =
    given.length > 0 ? given.map((folder) => ({ folder })) : known.flatMap(wantedAgain);
  if (folders.length === 0 && !only) {
    throw new PolarError('no folder given; say which photos to index: polar index <folder>');
  }
  const summaries: object[] = [];
  for (const { folder, skip, server } of folders) {
    const bar = progress(`Indexing ${folder}`, 'photos');
    const indexing = {
      skip: options.skip ?? skip,
      shard,
      stills: options.stills,
      crops: options.crops,
      signal: interruption.signal,
      onProgress: bar.update,
      onNote: bar.note,
      onIndexed: (summary: IndexSummary) => {
        bar.stop();
        if (!summary.complete) process.exitCode = 1;
        if (!options.json) report(folder, summary);
        else if (options.watch)
          printJson(summary, 0); // one line a run, as they come
        else summaries.push({ folder, model: clip.id, ...summary });
      },
    };
    try {
      if (isInImmich(folder)) {
        const { watch, every } = options;
        await indexFromImmich(folder, store, clip, { ...indexing, server, watch, every });
      } else if (options.watch) await watchPhotos(store, clip, folder, indexing);
      else indexing.onIndexed(await indexPhotos(store, clip, folder, indexing));
    } catch (error) {
      // One folder that cannot be read never stops the others.
      if (folders.length === 1 || !(error instanceof PolarError)) throw error;
      say(error.message);
      summaries.push({ folder, model: clip.id, error: error.message });
      process.exitCode = 1;
    } finally {
      bar.stop();
    }
  }
  if (options.watch) {
    await clip.close();
    say('Stopped; the index is as current as the last line says.');
    return;
  }
  if (options.finish) {
    await finishIndex(store, clip, say);
    if (!options.json) print(`${count(await countPhotos(store, clip), 'photo')} ready to search`);
  }
  if (options.failed) {
    const failed = await listFailed(store, clip);
    if (options.json) printJson(failed);
    else for (const { path, reason } of failed) printData(`${path}\t${reason}`);
  } else if (options.json) printJson(summaries);
  await clip.close();
}

/** What is to be indexed. */
interface Wanted {
  /** A folder, or photos of an immich server. */
  readonly folder: string;
  /** Names of folders that were passed over before. */
  readonly skip?: readonly string[];
  /** Where the index has it from. */
  readonly server?: string;
}

/** What was indexed once, to be looked at again. */
const wantedAgain = ({ path, skip, sources }: IndexedFolder): readonly Wanted[] =>
  sources?.map((folder) => ({ folder, server: path })) ?? [{ folder: path, skip }];

async function forgetAll(
  given: readonly string[],
  paths: readonly string[],
  options: Options,
  store: PhotoStore,
): Promise<void> {
  if (given.length > 0) {
    throw new PolarError(`--forget takes out and ${given[0]} would be put in; run them one after the other`);
  }
  const forgotten: { path: string; photos: number }[] = [];
  for (const path of paths) {
    const photos = await forget(store, isInImmich(path) ? await addressInImmich(path, store) : path);
    forgotten.push({ path, photos });
    if (!options.json)
      print(`${path.replace(/:$/, '')}: ${count(photos, 'photo')} taken out of the index; the files stay`);
  }
  if (options.json) printJson(forgotten);
}

function report(folder: string, summary: IndexSummary): void {
  const others = describeLeftOut(summary.leftOut);
  const parts = [
    `${summary.added} new`,
    `${summary.unchanged} unchanged`,
    ...(summary.recognised > 0 ? [`${summary.recognised} moved or copied`] : []),
    ...(summary.removed > 0 ? [`${summary.removed} gone`] : []),
    ...(summary.failed > 0 ? [`${summary.failed} cannot be read: --failed lists them`] : []),
  ];
  const name = folder.replace(/:$/, ''); // immich:
  print(`${name}: ${count(summary.found, 'photo')} (${parts.join(', ')})`);
  if (others !== '') print(`${name}: left out: ${others}`);
  const known = new Set(summary.skipped.map(({ path }) => path));
  const troubles = summary.troubles.filter(({ path }) => !known.has(path));
  for (const { path, reason } of [...summary.skipped, ...troubles]) say(`skipped ${path}: ${reason}`);
}

/** How many photos there are, known and new. */
async function countFiles(folders: readonly string[], skip: readonly string[] = []): Promise<number> {
  let seen = 0;
  for (const folder of folders.filter((name) => !isInImmich(name)))
    seen += (await scanPhotos(folder, { skip, isWanted: () => false })).seen;
  return seen;
}
