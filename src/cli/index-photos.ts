import type { Command } from 'commander';
import { PolarError } from '../errors.ts';
import { finishIndex, type IndexSummary, indexPhotos } from '../library/index-photos.ts';
import { listFailed } from '../library/photo-store.ts';
import { countPhotos } from '../library/search.ts';
import { parseShard } from '../library/shard.ts';
import { watchPhotos } from '../library/watch.ts';
import { INDEX_HELP, MODEL_HELP, type ModelOptions } from './common.ts';
import { interruption } from './interruption.ts';
import { openModel, openStore } from './open.ts';
import { count, print, printData, printJson, progress, say } from './output.ts';

interface Options extends ModelOptions {
  readonly skip?: string[];
  readonly failed?: boolean;
  readonly shard?: string;
  readonly finish?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** `polar index <folder...>` */
export function register(command: Command): void {
  command
    .argument('[folder...]', 'folders of photos; hidden files, ._* and links are passed over')
    .option('--skip <name...>', 'names of folders to pass over too, with * and ? as wildcards')
    .option('--watch', 'stay, and index what changes in the folder as it changes; Ctrl-C ends it')
    .option('--failed', 'list the photos that could not be read, with the reasons')
    .option('--model <model>', MODEL_HELP)
    .option('--index <uri>', INDEX_HELP)
    .option('--shard <i/n>', 'index one of n shares of the photos (i from 0); n processes fill one index')
    .option('--finish', 'when all shares are done: compact the index, and make a large one fast to search')
    .option('--json', 'print the summary as JSON')
    .action(run);
}

async function run(folders: string[], options: Options): Promise<void> {
  if (folders.length === 0 && !options.failed && !options.finish) {
    throw new PolarError('no folder given; say which photos to index: polar index <folder>');
  }
  if (options.watch && folders.length !== 1)
    throw new PolarError('--watch takes one folder; start one polar for each');
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const store = openStore(options);
  const clip = await openModel(options, store, folders.length > 0 ? 'index' : 'search');
  const summaries: object[] = [];
  for (const folder of folders) {
    const bar = progress(`Indexing ${folder}`, 'photos');
    const indexing = {
      skip: options.skip,
      shard,
      signal: interruption.signal,
      onProgress: bar.update,
      onNote: bar.note,
      onIndexed: (summary: IndexSummary) => {
        bar.stop();
        if (!options.json) report(folder, summary);
        else if (options.watch)
          printJson(summary, 0); // one line a run, as they come
        else summaries.push({ folder, model: clip.id, ...summary });
      },
    };
    try {
      if (options.watch) await watchPhotos(store, clip, folder, indexing);
      else indexing.onIndexed(await indexPhotos(store, clip, folder, indexing));
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

function report(folder: string, summary: IndexSummary): void {
  const parts = [
    `${summary.added} new`,
    `${summary.unchanged} unchanged`,
    ...(summary.recognised > 0 ? [`${summary.recognised} moved or copied`] : []),
    ...(summary.removed > 0 ? [`${summary.removed} gone`] : []),
    ...(summary.failed > 0 ? [`${summary.failed} cannot be read: --failed lists them`] : []),
  ];
  print(`${folder}: ${count(summary.found, 'photo')} (${parts.join(', ')})`);
  for (const { path, reason } of summary.skipped) say(`skipped ${path}: ${reason}`);
}
