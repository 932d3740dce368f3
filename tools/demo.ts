/**
 * The README's main command: index a folder of photos, learn a thing from a few of them, find it, and write a page
 * of pictures. It only calls the commands that a user would type.
 *
 *     npm run demo -- --model <model> <folder> <name> <photo> <photo> ... [--class <word>]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string' }, class: { type: 'string' }, page: { type: 'string' } },
});
const [folder, name, ...photos] = positionals;
if (folder === undefined || name === undefined || photos.length < 2) {
  console.error(
    'usage: npm run demo -- --model <model> <folder> <name> <photo> <photo> ... [--class <word>] [--page <file>]',
  );
  process.exit(2);
}
const page = values.page ?? 'polar-demo.html';
const model = values.model === undefined ? [] : ['--model', values.model];
const kind = values.class === undefined ? [] : ['--class', values.class];
polar('index', folder, ...model);
polar('learn', name, ...photos, ...kind, '--force', ...model);
polar('search', `a photo of ${name}`, '--top', '12', '--html', page, ...model);
console.log(`\nOpen ${page} to see them.`);

function polar(...args: string[]): void {
  console.log(
    `\n$ polar ${args.map((arg) => (/[^\w./@:-]/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')}`,
  );
  const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const { status } = spawnSync(process.execPath, [main, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
