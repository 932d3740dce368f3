import { type Command, InvalidArgumentError } from 'commander';
import { listPaths } from '../../library/export/listing.ts';
import { type Keyword, parseKeyword } from '../../library/tags/keyword.ts';
import { type TaggedPhoto, tagPhotos } from '../../library/tags/tag-photos.ts';
import { interruption } from '../interruption.ts';
import { openStore } from '../open.ts';
import { count, print, printJson } from '../output.ts';
import { progress } from '../progress.ts';
import { addQuestionOptions, askLibrary, type QuestionOptions } from './question.ts';
import { saySkipped } from './say-skipped.ts';

interface Options extends QuestionOptions {
  readonly keyword: Keyword;
  readonly remove?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `polar tag "<sentence>" --keyword <word>` */
export function register(command: Command): void {
  addQuestionOptions(
    command.argument(
      '[sentence]',
      'as for polar search; with --remove all photos of the library where it is left out',
    ),
    'strong',
  )
    .requiredOption('--keyword <word>', 'the keyword; Pets/Rex is Rex below Pets', keywordOf)
    .option('--remove', 'take the keyword out again, exactly where polar wrote it')
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'print what was done as JSON')
    .action(run);
}

function keywordOf(text: string): Keyword {
  try {
    return parseKeyword(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

async function run(sentence: string | undefined, options: Options): Promise<void> {
  const { keyword, remove, dryRun } = options;
  const store = openStore(options);
  const paths: string[] = [];
  if (remove && sentence === undefined && options.like === undefined) {
    for (const model of await store.models()) {
      paths.push(...(await listPaths(store, { ...model, dimension: 0 })));
    }
  } else {
    const answer = await askLibrary(sentence, options);
    const hashes = answer.hits.map(({ hash }) => hash);
    paths.push(...(await listPaths(store, answer.identity, hashes)));
  }
  const bar = progress(`Tagging ${keyword.join('/')}`, 'photos');
  const working = { remove, dryRun, signal: interruption.signal, onProgress: bar.update };
  const { photos, skipped } = await tagPhotos([...new Set(paths)], keyword, working).finally(bar.stop);
  saySkipped(skipped);
  if (options.json) printJson({ keyword: keyword.join('/'), dryRun: dryRun ?? false, photos, skipped });
  else print(`${keyword.join('/')}: ${describe(photos, skipped.length, options)}`);
}

function describe(photos: readonly TaggedPhoto[], skipped: number, { remove, dryRun }: Options): string {
  const there = photos.filter(({ state }) => state === 'there').length;
  const would = dryRun ? 'would be ' : '';
  const parts = [
    `${count(photos.length - there, 'sidecar')} ${would}${remove ? 'freed of it' : 'written'}`,
    ...(there > 0 ? [`${there} had it already`] : []),
    ...(skipped > 0 ? [`${count(skipped, 'photo')} left out`] : []),
  ];
  return parts.join(', ');
}
