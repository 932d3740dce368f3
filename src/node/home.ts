import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where everything lies in a user's folder. */
export const inHome = (home: string) => ({
  /** The photo index, where `--index` and `POLAR_INDEX` name no other. */
  library: join(home, 'library'),
  /** One adapter folder for each learnt thing. */
  concepts: join(home, 'concepts'),
  /** Photos that were dropped into the app, and that a thing was learnt from. */
  uploads: join(home, 'uploads'),
  /** Concepts that were forgotten in the last 30 days. */
  deleted: join(home, 'concepts-deleted'),
  /** Thumbnails and screen-sized pictures of the app. */
  renditions: join(home, 'renditions'),
  /** Zips and pages that the app has made to be downloaded, for a day at most. */
  made: join(home, 'made'),
  /** The Toybox photos that the app has drawn. */
  toybox: join(home, 'toybox'),
  /** Where the app was served last, and by which process. */
  server: join(home, 'server.json'),
  /** The model that was chosen in the app. */
  model: join(home, 'model'),
  /** Saved searches and favourites. */
  albums: join(home, 'albums.json'),
  /** Folders that the app watches. */
  watched: join(home, 'watched.json'),
  /** Address and key of the immich server. */
  immich: join(home, 'immich.json'),
  /** What "polar immich album" has put into immich's albums. */
  immichAlbums: join(home, 'immich-albums.json'),
});

/**
 * Where a user's library and concepts live: `POLAR_HOME`, or the platform's folder for application data.
 */
export function polarHome(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env.POLAR_HOME) return env.POLAR_HOME;
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'polar');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'polar');
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'polar');
}
