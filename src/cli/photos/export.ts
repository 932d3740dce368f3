import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { PolarError } from '../../errors.ts';
import { writeAlbumFile } from '../../library/export/album-file.ts';
import { exportPhotos } from '../../library/export/export-photos.ts';
import { type LinkFolder, takeLinkFolder } from '../../library/export/keep-links.ts';
import type { ExportMode } from '../../library/export/place.ts';
import { zipPhotos } from '../../library/export/zip-photos.ts';
import type { Trouble } from '../../library/left-out.ts';
import { isAddress } from '../../library/remote/address.ts';
import type { FoundPhoto } from '../../library/search.ts';
import { shownFromImmich } from '../immich-photos.ts';
import { interruption } from '../interruption.ts';
import { count, print, printJson, say } from '../output.ts';
import { pathName } from '../paths.ts';
import { progress } from '../progress.ts';
import {
  addQuestionOptions,
  askLibrary,
  type LibraryAnswer,
  openQuestion,
  type QuestionOptions,
  recognised,
} from './question.ts';
import { saySkipped } from './say-skipped.ts';

interface Options extends QuestionOptions {
  readonly copy?: boolean;
  readonly link?: boolean;
  readonly move?: boolean;
  readonly zip?: boolean;
  readonly album?: boolean;
  readonly watch?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const KINDS = ['copy', 'link', 'move', 'zip', 'album'] as const;

/** `polar export "<sentence>" <folder>` */
export function register(command: Command): void {
  const exclusive = (flags: string, description: string) => {
    const option = new Option(flags, description);
    return option.conflicts(KINDS.filter((kind) => kind !== option.attributeName()));
  };
  addQuestionOptions(
    command
      .argument('<sentence>', 'as for polar search; "" where --like says all')
      .argument('<to>', 'the folder that gets the photos, made where there is none; or the file', pathName),
  )
    .addOption(exclusive('--copy', 'copy the photos, with their dates (default)'))
    .addOption(exclusive('--link', 'make symbolic links to them'))
    .addOption(exclusive('--move', 'move them; run polar index afterwards'))
    .addOption(exclusive('--zip', 'write them into a zip archive, <to>'))
    .addOption(exclusive('--album', 'write a list of their paths (M3U8), <to>'))
    .addOption(
      new Option(
        '--watch',
        'with --link or --album: keep running, and the links or the list current with the index, until Ctrl-C',
      ).conflicts(['copy', 'move', 'zip', 'dryRun']),
    )
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'print what was done as JSON')
    .action(run);
}

async function run(sentence: string, to: string, options: Options): Promise<void> {
  if (options.watch) return follow(sentence, to, options);
  const answer = await askLibrary(sentence, options);
  const { hits } = answer;
  const kind = KINDS.find((kind) => options[kind]) ?? 'copy';
  const done = await write(kind, hits, to, sentence, options);
  saySkipped(done.skipped);
  if (options.json) printJson(toJson(kind, sentence, answer, done, options));
  else print(describe(kind, done, options));
}

const toJson = (
  kind: (typeof KINDS)[number],
  sentence: string,
  answer: LibraryAnswer,
  done: Written,
  options: Options,
) => ({
  sentence,
  text: answer.text,
  concepts: recognised(answer, options),
  model: answer.model,
  mode: kind,
  dryRun: options.dryRun ?? false,
  ...done,
});

// As soon as the app shows what another process has indexed.
const LOOK_AGAIN_MS = 2000;

/** Writes what is found, and again whenever the library has changed, until Ctrl-C. */
async function follow(sentence: string, to: string, options: Options): Promise<void> {
  const kind = options.link ? 'link' : options.album ? 'album' : undefined;
  if (kind === undefined) {
    throw new PolarError('--watch keeps links or a list current; add --link or --album');
  }
  const { signal } = interruption;
  const question = await openQuestion(sentence, options);
  const links = kind === 'link' ? await takeLinkFolder(resolve(to)) : undefined;
  try {
    for (let known = ''; !signal.aborted; await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch(() => {})) {
      try {
        const state = await question.state(); // first: what changes meanwhile is looked at once more
        if (state === known) continue;
        const answer = await question.ask();
        process.exitCode = undefined; // of the last round
        const done =
          links === undefined
            ? await write(kind, answer.hits, to, sentence, options)
            : await keep(links, answer.hits);
        saySkipped(done.skipped);
        if (options.json) printJson(toJson(kind, sentence, answer, done, options), 0);
        else print(describe(kind, done, options));
        known = state;
      } catch (error) {
        // Later than in the first round, a disk that is full or pulled out is a note.
        if (signal.aborted) break;
        if (known === '' || !(error instanceof PolarError)) throw error;
        say(error.message);
      }
    }
  } finally {
    await links?.close();
    await question.close();
  }
  say('Stopped; what was written is as current as the last line says.');
}

async function keep(links: LinkFolder, hits: readonly FoundPhoto[]): Promise<Written> {
  const { folder, ...done } = await links.keep(hits, { signal: interruption.signal });
  return { to: folder, ...done };
}

/** What was written, whatever its kind. */
interface Written {
  /** Folder or file. */
  readonly to: string;
  readonly photos: readonly { readonly path: string; readonly to: string; readonly state: 'new' | 'there' }[];
  readonly skipped: readonly Trouble[];
  /** Links that were taken out. */
  readonly removed?: readonly string[];
}

async function write(
  kind: ExportMode | 'zip' | 'album',
  hits: readonly FoundPhoto[],
  to: string,
  title: string,
  { dryRun }: Options,
): Promise<Written> {
  const bar = progress(`Exporting to ${to}`, 'photos');
  const remote = hits.some(({ path }) => isAddress(path)) ? await shownFromImmich() : undefined;
  const working = { dryRun, remote, signal: interruption.signal, onProgress: bar.update };
  try {
    if (kind === 'album') {
      const paths = hits.map(({ path }) => path);
      const album = await writeAlbumFile(paths, to, { title, dryRun });
      return {
        to: album.file,
        photos: album.photos.map((path) => ({ path, to: path, state: 'new' })),
        skipped: album.skipped,
      };
    }
    if (kind === 'zip') {
      const zip = await zipPhotos(hits, to, working);
      return {
        to: zip.file,
        photos: zip.photos.map((photo) => ({ ...photo, state: 'new' })),
        skipped: zip.skipped,
      };
    }
    const { folder, photos, skipped } = await exportPhotos(hits, to, { ...working, mode: kind });
    return { to: folder, photos, skipped };
  } finally {
    bar.stop();
  }
}

const VERBS = { copy: 'copied', link: 'linked', move: 'moved', zip: 'written', album: 'listed' } as const;

function describe(
  kind: keyof typeof VERBS,
  { to, photos, skipped, removed = [] }: Written,
  { dryRun }: Options,
): string {
  const added = photos.filter(({ state }) => state === 'new').length;
  const there = photos.length - added;
  const parts = [
    ...(there > 0 ? [`${there} there already`] : []),
    ...(removed.length > 0 ? [`${removed.length} taken out`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} left out`] : []),
  ];
  const would = dryRun ? 'would be ' : '';
  return `${to}: ${count(added, 'photo')} ${would}${VERBS[kind]}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}
