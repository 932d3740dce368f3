import { networkInterfaces } from 'node:os';
import { platform } from 'node:process';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import { isLoopback } from './guard.ts';

// More windows at once help nobody.
const MAX_FOLDERS = 5;

/** Whether a visitor sits at this machine, and it has windows: only then a folder can be shown to them. */
export function canShowFolders(c: Context, env: NodeJS.ProcessEnv = process.env): boolean {
  const hasWindows = platform !== 'linux' || Boolean(env.DISPLAY ?? env.WAYLAND_DISPLAY);
  return hasWindows && isOfThisMachine(getConnInfo(c).remote.address ?? '');
}

/** Whether an address is one of this machine's own. */
export function isOfThisMachine(address: string): boolean {
  const plain = address.replace(/^::ffff:/, ''); // an IPv4 address of a socket that takes both
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return isLoopback(plain) || own.some((one) => one.address === plain);
}

/**
 * Opens folders in the file manager; no shell reads their names.
 *
 * @throws PolarError when they are too many, or there is no file manager
 */
export async function showFolders(folders: readonly string[]): Promise<void> {
  if (folders.length > MAX_FOLDERS) {
    throw new PolarError(tell('folder.many', { folders: folders.length, most: MAX_FOLDERS }));
  }
  const { default: open } = await import('open');
  for (const folder of folders) {
    await open(folder).catch(() => {
      throw new PolarError(`${folder}: ${tell('folder.no-manager')}`, 'unreadable');
    });
  }
}
