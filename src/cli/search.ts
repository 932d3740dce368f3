import { realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { stdout } from 'node:process';
import type { Command } from 'commander';
import { ask, checkQuestion } from '../app/ask.ts';
import { writeContactSheet } from '../cli/contact-sheet.ts';
import { PolarError } from '../errors.ts';
import { PhotoTable } from '../library/search.ts';
import { rowOf } from '../matrix.ts';
import { day, INDEX_HELP, MODEL_HELP, type ModelOptions, whole } from './common.ts';
import { interruption } from './interruption.ts';
import { openModel, openStore } from './open.ts';
import { openConcepts } from './open-concepts.ts';
import { colour, count as plural, print, printData, printJson, say } from './output.ts';
import { fileToBe, indexUri, modelName, pathName } from './paths.ts';
import { Stopwatch } from './stopwatch.ts';

interface Options extends ModelOptions {
  readonly like?: string[];
  readonly not?: string[];
  readonly after?: number;
  readonly before?: number;
  readonly in?: string;
  readonly top: number;
  readonly html?: string;
  readonly null?: boolean;
  readonly plain?: boolean;
  readonly timing?: boolean;
  readonly json?: boolean;
}

/** `polar search <words...>` */
export function register(command: Command): void {
  command
    .argument('[words...]', 'a sentence, with quotes or without: Rex playing in the snow')
    .option(
      '--like <photo...>',
      'photos that the results should look like, alone or together with a sentence',
    )
    .option('--not <text...>', 'what they should not show; names of learnt things work here too')
    .option('--after <date>', 'taken on this day or later, for example 2024-05-01', day)
    .option('--before <date>', 'taken before this day', day)
    .option('--in <folder>', 'only below this folder', pathName)
    .option('--top <n>', 'how many photos', whole(1, 1_000_000), 20)
    .option('--html <file>', 'also write a page with the pictures', fileToBe)
    .option(
      '--plain',
      'to compare: plain CLIP is asked with the class of each learnt thing instead of its name',
    )
    .option('--model <model>', MODEL_HELP, modelName)
    .option('--index <uri>', INDEX_HELP, indexUri)
    .option('-0, --null', 'end each path with a zero byte, for xargs -0')
    .option('--timing', 'say where the time goes')
    .option('--json', 'print the results as JSON')
    .action(run);
}

async function run(words: readonly string[], options: Options): Promise<void> {
  const watch = new Stopwatch();
  const sentence = words.length === 0 ? undefined : words.join(' ');
  watch.lap('start the program');
  checkQuestion({ sentence, like: options.like });
  if (options.after !== undefined && options.before !== undefined && options.after >= options.before) {
    throw new PolarError('--after is not before --before, so no day lies between them; swap the two');
  }
  const store = openStore(options);
  const clip = await openModel(options, store);
  watch.lap('open the model');
  const concepts = await openConcepts().list(say);
  const photos = await PhotoTable.open(store, clip);
  for (const folder of photos.missing) {
    say(`Not shown: the photos of ${folder}, which is missing; "polar folders" says more.`);
  }
  watch.lap('open the index');
  const like =
    options.like === undefined ? undefined : await clip.encodeImages(options.like, { orientation: 'honour' });
  const { signal } = interruption;
  const answer = await ask(
    clip,
    concepts,
    photos,
    {
      sentence,
      like: like && Array.from({ length: like.rows }, (_, row) => rowOf(like, row)),
      not: options.not,
    },
    {
      top: options.top,
      plain: options.plain,
      filter: {
        after: options.after,
        before: options.before,
        folder:
          options.in === undefined ? undefined : await realpath(options.in).catch(() => resolve(options.in!)),
      },
      signal,
      onStage: (stage) => watch.lap(STAGES[stage]),
    },
  );
  await clip.close();
  const { hits, count } = answer;
  if (hits.length === 0) {
    say(
      `No indexed photo fits --in, --after and --before (${plural(count, 'photo is', 'photos are')} indexed).`,
    );
  }
  const names = options.plain ? [] : answer.concepts.map(({ name }) => name);
  if (names.length > 0) say(`Recognised: ${names.join(', ')}`);
  for (const note of answer.notes) say(note);
  const title = sentence ?? `like ${options.like!.map((photo) => basename(photo)).join(', ')}`;
  if (options.html !== undefined) {
    const note = `${names.length > 0 ? `${names.join(', ')} recognised; ` : ''}best ${hits.length} of ${plural(count, 'photo')}; ${basename(clip.id)}`;
    await writeContactSheet(options.html, { title, note, photos: hits });
    say(`Page written: ${options.html}`);
  }
  if (options.json) {
    printJson({
      sentence: sentence ?? null,
      text: answer.text,
      concepts: names,
      notes: answer.notes,
      model: clip.id,
      photos: hits,
    });
  } else if (options.null) {
    for (const photo of hits) printData(photo.path, '\0');
  } else if (stdout.isTTY) {
    for (const [index, { path, score, relevance }] of hits.entries()) {
      const rank = String(index + 1).padStart(4);
      const line = `${rank}  ${MARKS[relevance]} ${score.toFixed(3)}  ${path}`;
      print(relevance === 'weak' ? colour.dim(line) : line);
    }
  } else {
    for (const photo of hits) printData(photo.path); // one path a line, for the next program
  }
  watch.lap('close the model and print');
  if (options.timing) watch.report();
}

// How sure a result is, seen at a glance; the tail of a list is visibly weak.
const MARKS = { strong: '●●●', fair: '●●○', weak: '●○○' } as const;

// The parts of the work, as --timing tells them.
const STAGES = {
  read: 'the towers',
  searched: 'search the index',
  judged: 'judge the results',
} as const;
