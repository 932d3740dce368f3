import type { Command } from 'commander';
import { folderSize } from '../../node/folder-size.ts';
import { inHome, polarHome } from '../../node/home.ts';
import { hubCacheFolder } from '../../node/hub/hub-cache.ts';
import { indexUriOf } from '../open.ts';
import { colour, print, printJson, say, size } from '../output.ts';

/** A place where this program keeps something. */
export interface Place {
  readonly name: string;
  readonly path: string;
  /** In a few words. */
  readonly holds: string;
  /** What makes it again when it is gone; null where nothing can, so that it wants a backup. */
  readonly madeBy: string | null;
}

/** `polar where` */
export function register(command: Command): void {
  command.option('--json', 'print as JSON').action(run);
}

async function run(options: { readonly json?: boolean }): Promise<void> {
  const places = await Promise.all(
    listPlaces().map(async (place) => {
      const bytes = place.path.includes('://') ? undefined : await folderSize(place.path);
      return { ...place, bytes: bytes ?? null };
    }),
  );
  if (options.json) return printJson({ home: polarHome(), places });
  for (const { name, path, holds, madeBy, bytes } of places) {
    print(`${colour.bold(name)}  ${path}`);
    const found = path.includes('://') ? 'not on this machine' : bytes === null ? 'nothing yet' : size(bytes);
    print(
      colour.dim(`    ${holds}: ${found}; ${madeBy === null ? 'back it up' : `made again by ${madeBy}`}`),
    );
  }
  say('POLAR_HOME moves the first folder and all in it; how to back up, move and remove: docs/data.md.');
}

/** Every place, those below the user's folder first. */
export function listPlaces(): Place[] {
  const home = polarHome();
  const {
    concepts,
    deleted,
    uploads,
    renditions,
    made,
    toybox,
    server,
    model,
    watched,
    albums,
    immich,
    immichAlbums,
  } = inHome(home);
  return [
    { name: 'home', path: home, holds: 'all of the following but the models', madeBy: null },
    { name: 'concepts', path: concepts, holds: 'what was learnt', madeBy: null },
    { name: 'forgotten', path: deleted, holds: 'what was forgotten in the last 30 days', madeBy: null },
    { name: 'uploads', path: uploads, holds: 'photos dropped into the app to learn from', madeBy: null },
    { name: 'index', path: indexUriOf({}), holds: 'embeddings of the photos', madeBy: 'polar index' },
    {
      name: 'renditions',
      path: renditions,
      holds: 'small pictures for the app',
      madeBy: 'polar serve',
    },
    { name: 'toybox', path: toybox, holds: 'drawings of the Toybox', madeBy: 'the app' },
    { name: 'downloads', path: made, holds: 'zips and pages that the app made', madeBy: 'the app' },
    { name: 'model', path: model, holds: 'the name of the model chosen in the app', madeBy: 'the app' },
    { name: 'albums', path: albums, holds: 'saved searches and favourites', madeBy: null },
    { name: 'watched', path: watched, holds: 'folders that the app watches', madeBy: 'the app' },
    { name: 'server', path: server, holds: 'the address of the app', madeBy: 'polar serve' },
    {
      name: 'immich',
      path: immich,
      holds: 'the address and key of immich',
      madeBy: 'polar immich connect',
    },
    { name: 'immich albums', path: immichAlbums, holds: 'what polar put into albums', madeBy: null },
    {
      name: 'models',
      path: hubCacheFolder(),
      holds: 'the Hugging Face cache, shared',
      madeBy: 'polar models download',
    },
  ];
}
