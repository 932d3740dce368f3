import { basename } from 'node:path';
import { stdout } from 'node:process';
import type { Command } from 'commander';
import {
  interruption,
  MODEL_HELP,
  type ModelOptions,
  openConcepts,
  openModel,
  openStore,
  whole,
} from './common.ts';
import { colour, count, print, printJson, say } from './output.ts';

interface Options extends ModelOptions {
  readonly top: number;
  readonly html?: string;
  readonly plain?: boolean;
  readonly json?: boolean;
}

/** `polar search "<sentence>"` */
export function register(program: Command): void {
  program
    .command('search')
    .description('find photos with a sentence; names of learnt things are recognised in it')
    .argument('<sentence>', 'for example "Rex playing in the snow"')
    .option('--top <n>', 'how many photos', whole(1, 1_000_000), 20)
    .option('--html <file>', 'also write a page with the pictures')
    .option('--plain', 'without the learnt things: plain CLIP reads the sentence as it is')
    .option('--model <model>', MODEL_HELP)
    .option('--index <uri>', 'where the index is kept')
    .option('--json', 'print the results as JSON')
    .action(run);
}

async function run(sentence: string, options: Options): Promise<void> {
  const polar = await import('../index.ts');
  if (sentence.trim() === '') throw new polar.PolarError('the sentence is empty; say what the photo shows');
  const store = await openStore(options);
  const clip = await openModel(options, store);
  const known = options.plain ? [] : await (await openConcepts()).list();
  const personal = polar.personalSentence(sentence, known);
  const query = await polar.encodeSentence(clip, personal);
  interruption.signal.throwIfAborted();
  const photos = await polar.searchPhotos(store, clip, query.data, options.top);
  const names = personal.concepts.map((concept) => concept.name);
  if (options.html !== undefined) {
    const note = `${names.length > 0 ? `${names.join(', ')} recognised; ` : ''}best ${photos.length} of ${count(await polar.countPhotos(store, clip), 'photo')}; ${basename(clip.id)}`;
    await polar.writeContactSheet(options.html, { title: sentence, note, photos });
    say(`Page written: ${options.html}`);
  }
  await clip.close();
  if (options.json) {
    printJson({ sentence, text: personal.text, concepts: names, model: clip.id, photos });
  } else if (stdout.isTTY) {
    if (names.length > 0) say(`Recognised: ${names.join(', ')}`);
    for (const [rank, photo] of photos.entries()) {
      print(
        `${colour.dim(String(rank + 1).padStart(4))}  ${colour.cyan(photo.score.toFixed(3))}  ${photo.path}`,
      );
    }
  } else {
    for (const photo of photos) print(photo.path); // one path a line, for the next program
  }
}
