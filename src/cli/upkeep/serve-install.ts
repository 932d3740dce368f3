import { copyFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PolarError } from '../../errors.ts';
import { exists, makeFolder, writeBeside } from '../../node/files.ts';

/** The files of a desktop entry, which the desktops of Linux share (freedesktop.org). */
interface DesktopFiles {
  /** In the menu of programs. */
  readonly menu: string;
  /** Started at login. */
  readonly login: string;
  readonly icon: string;
}

function desktopFiles(env: NodeJS.ProcessEnv): DesktopFiles {
  const data = env.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  const config = env.XDG_CONFIG_HOME || join(homedir(), '.config');
  return {
    menu: join(data, 'applications', 'polar-photos.desktop'),
    login: join(config, 'autostart', 'polar-photos.desktop'),
    icon: join(data, 'icons', 'hicolor', 'scalable', 'apps', 'polar-photos.svg'),
  };
}

// What the program was told by its surroundings, and would not be told at login.
const KEPT = ['POLAR_HOME', 'POLAR_INDEX', 'POLAR_MODEL', 'HF_HOME', 'HF_HUB_CACHE'];
const ICON = new URL('../../../dist/pages/app/icon.svg', import.meta.url);

/**
 * Puts the app into the menu of programs, and starts its server at login.
 *
 * @param options those of `polar serve` that were given with `--install`
 * @param icon a picture in SVG
 * @returns the files that were written
 * @throws PolarError on another system than Linux, or when a file cannot be written
 */
export async function installDesktopEntry(
  options: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  icon: URL = ICON,
): Promise<string[]> {
  requireLinux();
  const files = desktopFiles(env);
  const kept = KEPT.flatMap((name) => (env[name] ? [`${name}=${env[name]}`] : []));
  const program = [process.execPath, fileURLToPath(new URL('../polar.cjs', import.meta.url))];
  const command = [...(kept.length > 0 ? ['env', ...kept] : []), ...program, 'serve', ...options];
  await makeFolder(join(files.icon, '..'));
  await copyFile(icon, files.icon);
  await writeBeside(files.menu, desktopEntry([...command, '--open']));
  await writeBeside(files.login, desktopEntry([...command, '--no-open']));
  return [files.menu, files.login, files.icon];
}

/**
 * Takes away what {@link installDesktopEntry} wrote.
 *
 * @returns the files that went
 */
export async function removeDesktopEntry(env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  requireLinux();
  const gone: string[] = [];
  for (const file of Object.values(desktopFiles(env))) {
    if (!(await exists(file))) continue;
    await rm(file);
    gone.push(file);
  }
  return gone;
}

function requireLinux(): void {
  if (process.platform === 'linux') return;
  throw new PolarError(
    'desktop entries are a thing of Linux; here add the command "polar serve" to the programs that start at login',
  );
}

/** @param command words of the command line; quoted as the Desktop Entry Specification has it */
export function desktopEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=POLAR',
    'Comment=Find your own things in your photos',
    `Exec=${command.map(quoteWord).join(' ')}`,
    'Icon=polar-photos',
    'Terminal=false',
    'Categories=Graphics;Photography;',
    '',
  ].join('\n');
}

/**
 * A word in quotes; `"`, `` ` ``, `$` and `\` are escaped inside them, backslashes once more because the line is a
 * string of its file, and `%` would begin a field.
 */
function quoteWord(word: string): string {
  if (/[\n\r\0]/.test(word)) {
    throw new PolarError(
      `${JSON.stringify(word)}: a desktop entry cannot hold a line break; choose another path`,
    );
  }
  const inQuotes = word
    .replace(/["`$\\]/g, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%');
  return `"${inQuotes}"`;
}
