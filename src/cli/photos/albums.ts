import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stdout } from 'node:process';
import type { Command } from 'commander';
import { PolarError } from '../../errors.ts';
import { type Album, AlbumStore } from '../../library/albums/album-store.ts';
import { type AlbumPhoto, filterOf, lookInto } from '../../library/albums/look-into.ts';
import { listPaths } from '../../library/export/listing.ts';
import type { Place } from '../../library/filter.ts';
import { type FoundPhoto, PhotoTable } from '../../library/search.ts';
import { inHome, polarHome } from '../../node/home.ts';
import { withLargeFile } from '../../node/pixels/photo-file.ts';
import { RELEVANCE, type Relevance } from '../../polar/query/relevance.ts';
import { day, INDEX_HELP, MODEL_HELP, type ModelOptions, oneOf, place, precisionOption } from '../common.ts';
import { interruption } from '../interruption.ts';
import { openModel, openStore } from '../open.ts';
import { openConcepts } from '../open-concepts.ts';
import { colour, count, print, printData, printJson, say } from '../output.ts';
import { indexUri, modelName, pathName } from '../paths.ts';

interface SaveOptions {
  readonly not?: string[];
  readonly after?: number;
  readonly before?: number;
  readonly in?: string;
  readonly near?: Place;
  readonly relevance: Relevance;
  readonly json?: boolean;
}

interface LookOptions extends ModelOptions {
  readonly new?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
}

const openAlbums = (): AlbumStore => new AlbumStore(inHome(polarHome()).albums);

/** `polar albums list | save | show | remove | restore | rename | favourite` */
export function register(albums: Command): void {
  withModel(
    albums
      .command('list', { isDefault: true })
      .description(
        'all of them, with the number of their photos and of those that are new since each was shown',
      ),
  ).action(list);
  albums
    .command('save')
    .description('keep a search under a name')
    .argument('<name>')
    .argument('<sentence>', 'as for polar search')
    .option('--not <text...>', 'what they should not show')
    .option('--after <date>', 'taken on this day or later', day)
    .option('--before <date>', 'taken before this day', day)
    .option('--in <folder>', 'only below this folder', pathName)
    .option('--near <place>', 'taken there, as latitude,longitude,kilometres', place)
    .option('--relevance <how sure>', 'strong, fair or weak', oneOf(RELEVANCE), 'strong')
    .option('--json', 'print what is kept as JSON')
    .action(save);
  withModel(albums.command('show').description('its photos, best first; what is shown is no longer new'))
    .argument('<name>')
    .option('--new', 'only those that are new since it was last shown')
    .option('--keep', 'leave new what is new')
    .action(show);
  albums
    .command('remove')
    .description('forget a saved search; the photos stay')
    .argument('<name>')
    .option('--json', 'print what was removed as JSON')
    .action(async (name: string, options: { json?: boolean }) => {
      await openAlbums().remove(name);
      if (options.json) printJson({ removed: name });
      else print(`${name} is forgotten; its photos stay`);
    });
  albums
    .command('restore')
    .description('bring back one of the last that were removed')
    .argument('<name>')
    .option('--json', 'print its name as JSON')
    .action(async (name: string, options: { json?: boolean }) => {
      await openAlbums().restore(name);
      if (options.json) printJson({ restored: name });
      else print(`${name} is back`);
    });
  albums
    .command('rename')
    .description('call a saved search something else')
    .argument('<name>')
    .argument('<new name>')
    .option('--json', 'print both names as JSON')
    .action(async (name: string, given: string, options: { json?: boolean }) => {
      const next = given.trim();
      await openAlbums().rename(name, next);
      if (options.json) printJson({ from: name, to: next });
      else print(`${name} is called ${next} now`);
    });
  withModel(
    albums
      .command('favourite')
      .description('photos that you like best: list them, or make photos favourites by their content'),
  )
    .argument('[photo...]')
    .option('--remove', 'no longer')
    .action(favourite);
}

const withModel = (command: Command): Command =>
  command
    .option('--model <model>', MODEL_HELP, modelName)
    .option('--index <uri>', INDEX_HELP, indexUri)
    .addOption(precisionOption())
    .option('--json', 'print as JSON');

async function save(name: string, sentence: string, options: SaveOptions): Promise<void> {
  const { not = [], after = null, before = null, near = null, relevance, in: folder } = options;
  if (name.trim() === '' || sentence.trim() === '') {
    throw new PolarError('an album has a name and a sentence: polar albums save Rex "Rex in the snow"');
  }
  if (after !== null && before !== null && after >= before) {
    throw new PolarError('--after is not before --before, so no day lies between them; swap the two');
  }
  const inside = folder === undefined ? null : await realpath(folder).catch(() => resolve(folder));
  const album = await openAlbums().save({
    ...{ name: name.trim(), sentence: sentence.trim(), not, after, before, near, relevance },
    folder: inside,
  });
  if (options.json) printJson(asked(album));
  else print(`${album.name} is kept; polar albums show ${JSON.stringify(album.name)} shows its photos`);
}

/** Looks into albums, with one model and one index for all. */
async function look<T>(
  options: ModelOptions,
  use: (photosOf: (album: Album) => Promise<AlbumPhoto<FoundPhoto>[]>) => Promise<T>,
): Promise<T> {
  const store = openStore(options);
  const clip = await openModel(options, store);
  try {
    const concepts = await openConcepts().list(say);
    const table = await PhotoTable.open(store, clip);
    const { signal } = interruption;
    return await use((album) => lookInto(clip, table, album, { concepts, signal, filter: filterOf(album) }));
  } finally {
    await clip.close();
  }
}

async function list(options: LookOptions): Promise<void> {
  const albums = await openAlbums().list();
  if (albums.length === 0) {
    if (options.json) printJson([]);
    else say('No search is kept yet; polar albums save <name> "<sentence>" keeps one.');
    return;
  }
  const described = await look(options, async (photosOf) => {
    const all = [];
    for (const album of albums) {
      const photos = await photosOf(album);
      all.push({ ...asked(album), photos: photos.length, new: photos.filter(({ isNew }) => isNew).length });
    }
    return all;
  });
  if (options.json) return printJson(described);
  for (const { name, sentence, photos, new: fresh } of described) {
    print(`${colour.bold(name)}  ${count(photos, 'photo')}${fresh > 0 ? `, ${fresh} new` : ''}  ${sentence}`);
  }
}

async function show(name: string, options: LookOptions): Promise<void> {
  const albums = openAlbums();
  const album = await albums.get(name);
  const photos = await look(options, (photosOf) => photosOf(album));
  const shown = options.new ? photos.filter(({ isNew }) => isNew) : photos;
  if (shown.length === 0) say(options.new ? 'Nothing is new.' : `No photo is as sure as ${album.relevance}.`);
  if (options.json) printJson({ ...asked(album), photos: shown });
  else for (const { path, isNew } of shown) printData(stdout.isTTY && isNew ? `${path}  (new)` : path);
  if (!options.keep) {
    await albums.look(
      name,
      photos.map(({ hash }) => hash),
    );
  }
}

async function favourite(
  given: readonly string[],
  options: LookOptions & { remove?: boolean },
): Promise<void> {
  const albums = openAlbums();
  if (given.length > 0) {
    const hashes: string[] = [];
    for (const path of given) {
      const file = await realpath(path).catch(() => resolve(path));
      hashes.push(await withLargeFile(file, async ({ hash }) => hash));
    }
    await albums.setFavourites(hashes, !options.remove);
    if (options.json) printJson({ favourites: given, removed: options.remove ?? false });
    else
      print(
        `${count(hashes.length, 'photo')} ${options.remove ? 'no longer a favourite' : 'made a favourite'}`,
      );
    return;
  }
  if (options.remove)
    throw new PolarError('--remove takes photos: polar albums favourite --remove <photo...>');
  const store = openStore(options);
  const hashes = [...(await albums.favourites())];
  const paths = new Set<string>();
  for (const model of await store.models()) {
    for (const path of await listPaths(store, { ...model, dimension: 0 }, hashes)) paths.add(path);
  }
  if (options.json) printJson([...paths].sort());
  else for (const path of [...paths].sort()) printData(path);
}

const asked = ({ seen: _, ...album }: Album) => album;
