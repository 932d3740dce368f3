import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where a user's library and concepts live: `POLAR_HOME`, or the platform's folder for application data.
 */
export function polarHome(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env.POLAR_HOME) return env.POLAR_HOME;
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'polar');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'polar');
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'polar');
}
