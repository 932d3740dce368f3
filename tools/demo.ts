/**
 * The README's main command: index a folder of photos, learn a thing from a few of them, find it, write a page
 * of pictures, and, on a terminal, open the app. It only calls the commands that a user would type. Without arguments it
 * makes a small Toybox photo library and finds Rex in it; with photos of one's own it does the same with those.
 *
 *     npm run demo
 *     npm run demo -- [--model <model>] <folder> <name> <photo> <photo> ... [--class <word>] [--page <file>]
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE =
  'usage: npm run demo -- [--model <model>] <folder> <name> <photos...> [--class <word>] [--page <file>]';
const { values, positionals } = readArguments();
const started = performance.now();
const env = { ...process.env };
// Tests say that the package is built: its command starts in a third of the time.
const isBuilt = env.POLAR_IS_BUILT === '1';
const main = fileURLToPath(new URL(isBuilt ? '../dist/cli/main.js' : '../src/cli/main.ts', import.meta.url));
const command = [...(isBuilt ? [] : ['--import', import.meta.resolve('tsx')]), main];
const page = fileURLToPath(new URL('../dist/pages/app/index.html', import.meta.url));
const named = values.model === undefined ? [] : ['--model', values.model];

if (positionals.length === 0) {
  const folder = 'polar-demo';
  // The demonstration keeps out of the photo library and the concepts that somebody may have already.
  env.POLAR_HOME = resolve(folder, 'home');
  env.POLAR_MODEL ??= 'toybox';
  polar('toybox', 'make-photos', folder);
  show(join(folder, 'library'), 'Rex', [join(folder, 'Rex')], 'dog', 'Rex in the snow');
} else {
  const [folder, name, ...photos] = positionals;
  if (name === undefined || photos.length === 0) {
    console.error(USAGE);
    process.exit(2);
  }
  show(folder!, name, photos, values.class, `a photo of ${name}`);
}
console.log(
  `\nOpen ${values.page} to see them (${((performance.now() - started) / 1000).toFixed(1)} s in all).`,
);
if (process.stdout.isTTY) {
  if (!existsSync(page)) run('npm', ['run', '--silent', 'build:app']);
  polar('serve', ...named);
}

function readArguments() {
  try {
    const read = parseArgs({
      allowPositionals: true,
      options: {
        model: { type: 'string' },
        class: { type: 'string' },
        page: { type: 'string', default: 'polar-demo.html' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (read.values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    return read;
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

function show(
  folder: string,
  name: string,
  photos: readonly string[],
  className: string | undefined,
  sentence: string,
): void {
  const kind = className === undefined ? [] : ['--class', className];
  polar('index', folder, ...named);
  polar('learn', name, ...photos, ...kind, '--force', ...named);
  polar('search', sentence, '--top', '12', '--html', values.page, ...named);
}

function polar(...args: string[]): void {
  console.log(
    `\n$ polar ${args.map((arg) => (/[^\w./@:-]/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')}`,
  );
  run(process.execPath, [...command, ...args]);
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
}
