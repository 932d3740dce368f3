import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { desktopEntry, installDesktopEntry, removeDesktopEntry } from './serve-install.ts';

const ICON = new URL('../../pages/app/public/icon.svg', import.meta.url);

/** The words of an Exec line, read as the Desktop Entry Specification says. */
function wordsOf(entry: string): string[] {
  const [, line] = /^Exec=(.*)$/m.exec(entry)!;
  const unescaped = line!.replaceAll('\\\\', '\\'); // the file's own escape
  return [...unescaped.matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, word]) =>
    word!.replace(/\\(.)/g, '$1').replaceAll('%%', '%'),
  );
}

it('a command line keeps its words whatever signs are in them', () => {
  const words = ['/usr/bin/node', '/home/a b/$HOME/"x"/50%/`y`/c\\d', 'serve', "l'été", '犬'];
  const entry = desktopEntry(words);
  expect(wordsOf(entry)).toEqual(words);
  expect(entry.split('\n')[0]).toBe('[Desktop Entry]');
  expect(() => desktopEntry(['a\nTerminal=true'])).toThrow(/cannot hold a line break/);
});

it.runIf(process.platform === 'linux')(
  'the app is put into the menu and the login, and taken out again',
  async () => {
    const home = await mkdtemp(join(tmpdir(), 'polar-install-'));
    const env = {
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CONFIG_HOME: join(home, 'config'),
      POLAR_HOME: '/photos',
    };
    const [menu, login] = await installDesktopEntry(['--model', 'toybox'], env, ICON);
    const entries = await Promise.all([menu!, login!].map((file) => readFile(file, 'utf8')));
    for (const [entry, last] of entries.map((entry, i) => [entry, ['--open', '--no-open'][i]!] as const)) {
      const words = wordsOf(entry);
      expect(words.slice(0, 3)).toEqual(['env', 'POLAR_HOME=/photos', process.execPath]);
      expect(words.slice(-4)).toEqual(['serve', '--model', 'toybox', last]);
    }
    expect(await removeDesktopEntry(env)).toHaveLength(3);
    expect(await removeDesktopEntry(env)).toEqual([]);
    await rm(home, { recursive: true });
  },
);
