import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stdout } from 'node:process';
import type { Command } from 'commander';
import { type DuplicatePhoto, findDuplicates } from '../../library/duplicates/find-duplicates.ts';
import { writeGroupSheet } from '../../library/export/contact-sheet.ts';
import { openInMemory } from '../../library/in-memory.ts';
import { INDEX_HELP, MODEL_HELP, type ModelOptions, precisionOption } from '../common.ts';
import { interruption } from '../interruption.ts';
import { openModel, openStore } from '../open.ts';
import { colour, count, print, printData, printJson, say } from '../output.ts';
import { fileToBe, indexUri, modelName, pathName } from '../paths.ts';
import { progress } from '../progress.ts';
import { saySkipped } from './say-skipped.ts';

interface Options extends ModelOptions {
  readonly in?: string;
  readonly html?: string;
  readonly json?: boolean;
}

/** `polar duplicates` */
export function register(command: Command): void {
  command
    .option('--in <folder>', 'only below this folder', pathName)
    .option('--html <file>', 'also write a page with the pictures', fileToBe)
    .option('--model <model>', MODEL_HELP, modelName)
    .option('--index <uri>', INDEX_HELP, indexUri)
    .addOption(precisionOption())
    .option('--json', 'print the groups as JSON')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const store = openStore(options);
  const clip = await openModel(options, store);
  await clip.close(); // only its name is needed
  const photos = await openInMemory(store, clip);
  const bar = progress('Comparing', 'photos');
  const folder =
    options.in === undefined ? undefined : await realpath(options.in).catch(() => resolve(options.in!));
  const { groups, skipped } = await findDuplicates(photos, {
    folder,
    signal: interruption.signal,
    onProgress: bar.update,
  }).finally(bar.stop);
  await photos.close();
  saySkipped(skipped);
  const more = groups.reduce((sum, group) => sum + group.length - 1, 0);
  if (options.html !== undefined) {
    await writeGroupSheet(options.html, {
      title: 'Duplicates',
      note: `${count(groups.length, 'picture')} more than once, best first; nothing was deleted`,
      groups: groups.map((group) => group.map((photo) => ({ path: photo.path, label: sizeOf(photo) }))),
    });
    say(`Page written: ${options.html}`);
  }
  if (options.json) printJson({ model: clip.id, groups, skipped });
  else {
    for (const [index, group] of groups.entries()) {
      if (index > 0) print('');
      for (const [place, photo] of group.entries()) {
        if (!stdout.isTTY) printData(photo.path);
        else {
          const line = `${sizeOf(photo).padStart(22)}  ${photo.path}`;
          print(place === 0 ? colour.bold(line) : line);
        }
      }
    }
    say(
      `${count(groups.length, 'picture')} more than once, ${count(more, 'file')} beside the best; nothing was deleted`,
    );
  }
}

/** `4000 x 3000, 2.1 MB` */
const sizeOf = ({ width, height, bytes }: DuplicatePhoto): string =>
  `${width} x ${height}, ${(bytes / 1e6).toFixed(1)} MB`;
