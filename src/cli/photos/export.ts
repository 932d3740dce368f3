import { type Command, Option } from 'commander';
import { writeAlbumFile } from '../../library/export/album-file.ts';
import { exportPhotos } from '../../library/export/export-photos.ts';
import type { ExportMode } from '../../library/export/place.ts';
import { zipPhotos } from '../../library/export/zip-photos.ts';
import type { Trouble } from '../../library/left-out.ts';
import { isAddress } from '../../library/remote-photos.ts';
import type { FoundPhoto } from '../../library/search.ts';
import { shownFromImmich } from '../immich-photos.ts';
import { interruption } from '../interruption.ts';
import { count, print, printJson } from '../output.ts';
import { pathName } from '../paths.ts';
import { progress } from '../progress.ts';
import { addQuestionOptions, askLibrary, type QuestionOptions, recognised } from './question.ts';
import { saySkipped } from './say-skipped.ts';

interface Options extends QuestionOptions {
  readonly copy?: boolean;
  readonly link?: boolean;
  readonly move?: boolean;
  readonly zip?: boolean;
  readonly album?: boolean;
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
    .option('--dry-run', 'only say what would be done')
    .option('--json', 'print what was done as JSON')
    .action(run);
}

async function run(sentence: string, to: string, options: Options): Promise<void> {
  const answer = await askLibrary(sentence, options);
  const { hits } = answer;
  const kind = KINDS.find((kind) => options[kind]) ?? 'copy';
  const done = await write(kind, hits, to, sentence, options);
  saySkipped(done.skipped);
  if (options.json) {
    printJson({
      sentence,
      text: answer.text,
      concepts: recognised(answer, options),
      model: answer.model,
      mode: kind,
      dryRun: options.dryRun ?? false,
      ...done,
    });
  } else print(describe(kind, done, options));
}

/** What was written, whatever its kind. */
interface Written {
  /** Folder or file. */
  readonly to: string;
  readonly photos: readonly { readonly path: string; readonly to: string; readonly state: 'new' | 'there' }[];
  readonly skipped: readonly Trouble[];
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

function describe(kind: keyof typeof VERBS, { to, photos, skipped }: Written, { dryRun }: Options): string {
  const added = photos.filter(({ state }) => state === 'new').length;
  const there = photos.length - added;
  const parts = [
    ...(there > 0 ? [`${there} there already`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} left out`] : []),
  ];
  const would = dryRun ? 'would be ' : '';
  return `${to}: ${count(added, 'photo')} ${would}${VERBS[kind]}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}
