import { basename } from 'node:path';
import { stdout } from 'node:process';
import type { Command } from 'commander';
import { writeContactSheet } from '../library/export/contact-sheet.ts';
import { isAddress } from '../library/remote/address.ts';
import { minutesOf } from '../words.ts';
import { shownFromImmich } from './immich-photos.ts';
import { colour, count as plural, print, printData, printJson, say } from './output.ts';
import { fileToBe } from './paths.ts';
import { addQuestionOptions, askLibrary, type QuestionOptions, recognised } from './photos/question.ts';
import { Stopwatch } from './stopwatch.ts';

interface Options extends QuestionOptions {
  readonly html?: string;
  readonly null?: boolean;
  readonly timing?: boolean;
  readonly json?: boolean;
}

/** `polar search <words...>` */
export function register(command: Command): void {
  addQuestionOptions(
    command.argument('[words...]', 'a sentence, with quotes or without: Rex playing in the snow'),
  )
    .option('--html <file>', 'also write a page with the pictures', fileToBe)
    .option(
      '--plain',
      'to compare: plain CLIP is asked with the class of each learnt thing instead of its name',
    )
    .option('-0, --null', 'end each path with a zero byte, for xargs -0')
    .option('--timing', 'say where the time goes')
    .option('--json', 'print the results as JSON')
    .action(run);
}

async function run(words: readonly string[], options: Options): Promise<void> {
  const watch = new Stopwatch();
  const sentence = words.length === 0 ? undefined : words.join(' ');
  watch.lap('start the program');
  const answer = await askLibrary(sentence, options, (part) => watch.lap(part));
  const { hits, count } = answer;
  if (hits.length > 0 && hits.every(({ relevance }) => relevance === 'weak')) {
    say('Nothing fits well: no photo stands out from your library. The nearest:');
  }
  const names = recognised(answer, options);
  const title = sentence ?? `like ${options.like!.map((photo) => basename(photo)).join(', ')}`;
  if (options.html !== undefined) {
    const note = `${names.length > 0 ? `${names.join(', ')} recognised; ` : ''}best ${hits.length} of ${plural(count, 'photo')}; ${basename(answer.model)}`;
    const remote = hits.some(({ path }) => isAddress(path)) ? await shownFromImmich() : undefined;
    await writeContactSheet(options.html, { title, note, photos: hits, remote });
    say(`Page written: ${options.html}`);
  }
  if (options.json) {
    printJson({
      sentence: sentence ?? null,
      text: answer.text,
      concepts: names,
      notes: answer.notes,
      absent: answer.absent,
      model: answer.model,
      photos: hits,
    });
  } else if (options.null) {
    for (const photo of hits) printData(photo.path, '\0');
  } else if (stdout.isTTY) {
    if (hits.length > 0) say(`${MARKS.strong} fits well  ${MARKS.fair} may fit  ${MARKS.weak} probably not`);
    for (const [index, { path, at, score, relevance }] of hits.entries()) {
      const rank = String(index + 1).padStart(4);
      const line = `${rank}  ${MARKS[relevance]} ${score.toFixed(3)}  ${path}${at === null ? '' : `  at ${minutesOf(at)}`}`;
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
