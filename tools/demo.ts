/**
 * The README's main command: index a folder of photos, learn a thing from a few of them, find it, and write a page
 * of pictures. It only calls the commands that a user would type. Without arguments it makes a small Toybox photo
 * library and finds Rex in it; with a model and photos of one's own it does the same with those.
 *
 *     npm run demo
 *     npm run demo -- --model <model> <folder> <name> <photo> <photo> ... [--class <word>] [--page <file>]
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    class: { type: 'string' },
    page: { type: 'string', default: 'polar-demo.html' },
  },
});
const started = performance.now();
const env = { ...process.env };
if (positionals.length === 0) {
  const folder = 'polar-demo';
  // The demonstration keeps out of the photo library and the concepts that somebody may have already.
  env.POLAR_HOME = resolve(folder, 'home');
  polar('toybox', 'make-photos', folder);
  showWith('toybox', join(folder, 'library'), 'Rex', [join(folder, 'Rex')], 'dog', 'Rex in the snow');
} else {
  const [folder, name, ...photos] = positionals;
  if (name === undefined || photos.length === 0) {
    console.error(
      'usage: npm run demo -- --model <model> <folder> <name> <photos...> [--class <word>] [--page <file>]',
    );
    process.exit(2);
  }
  showWith(values.model, folder!, name, photos, values.class, `a photo of ${name}`);
}
console.log(
  `\nOpen ${values.page} to see them (${((performance.now() - started) / 1000).toFixed(1)} s in all).`,
);

function showWith(
  model: string | undefined,
  folder: string,
  name: string,
  photos: readonly string[],
  className: string | undefined,
  sentence: string,
): void {
  const named = model === undefined ? [] : ['--model', model];
  const kind = className === undefined ? [] : ['--class', className];
  polar('index', folder, ...named);
  polar('learn', name, ...photos, ...kind, '--force', ...named);
  polar('search', sentence, '--top', '12', '--html', values.page, ...named);
}

function polar(...args: string[]): void {
  console.log(
    `\n$ polar ${args.map((arg) => (/[^\w./@:-]/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')}`,
  );
  const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', main, ...args], {
    stdio: 'inherit',
    env,
  });
  if (status !== 0) process.exit(status ?? 1);
}
