import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
// A fresh machine has no browser, and the registry's packages are all that it may fetch: this one holds a Chromium that
// has no window.
const packaged = join(modules, '@sparticuz/chromium');

/**
 * The Chromium of the npm package, unpacked once beside the other packages, with the shared libraries that a bare
 * machine lacks; undefined on platforms that it is not built for.
 */
function unpackChromium(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64' || !existsSync(packaged)) return undefined;
  const { version } = JSON.parse(readFileSync(join(packaged, 'package.json'), 'utf8')) as { version: string };
  const cache = join(modules, '.cache');
  const folder = join(cache, `chromium-${version}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const partial = mkdtempSync(`${folder}.partial-`);
    // The package unpacks to the folder of temporary files, and its libraries only where it believes to be in a Lambda.
    const env = { ...process.env, TMPDIR: partial, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' };
    const script = "await (await import('@sparticuz/chromium')).default.executablePath()";
    const args = ['--input-type=module', '-e', script];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: packaged, env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${packaged}: its Chromium cannot be unpacked: ${stderr}`);
    try {
      renameSync(partial, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error; // another test file was quicker
      rmSync(partial, { recursive: true });
    }
  }
  return join(folder, 'chromium');
}

// The packaged one before one that is installed: it is the same everywhere, and without the parts of a browser that
// nobody sees here the tests take two thirds of the time.
const packagedPath = process.env.CHROMIUM_PATH === undefined ? unpackChromium() : undefined;

/** Where there is a Chromium, or undefined: tests that need one are skipped then, and say so. */
export const chromiumPath: string | undefined =
  process.env.CHROMIUM_PATH ?? packagedPath ?? PLACES.find((path) => existsSync(path));

/** What the packaged Chromium finds its libraries and fonts by. */
function environment(): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  const env = Object.fromEntries(inherited);
  if (packagedPath === undefined) return env;
  const folder = dirname(packagedPath);
  const libraries = [env.LD_LIBRARY_PATH, join(folder, 'al2023/lib')].filter(Boolean).join(':');
  const fonts = existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') };
  return { ...env, ...fonts, LD_LIBRARY_PATH: libraries };
}

/** Starts a headless Chromium that asks nothing of the network by itself. */
export const startChromium = (...args: readonly string[]): Promise<Browser> => launch(args);

/** The same with scroll bars, which a browser without a window hides. */
export const startWithBars = (): Promise<Browser> => launch([], ['--hide-scrollbars']);

const launch = (args: readonly string[], ignoreDefaultArgs: string[] = []): Promise<Browser> =>
  chromium.launch({
    ignoreDefaultArgs,
    executablePath: chromiumPath!,
    env: environment(),
    args: [
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-quic',
      '--disable-sync',
      ...args,
    ],
  });
