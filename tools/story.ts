/**
 * The story of a new person with a real folder of photos, from installing a release to an exported album: in an empty
 * folder, with a home of its own, in a terminal and a browser. Writes docs/story.md and its pictures; every figure in it
 * is measured or counted here. Needs Chromium, and a release that `npm run release <folder>` has made.
 *
 *     npx tsx tools/story.ts --release <folder> --photos <folder> --name <name> --class <word> --sentence <sentence>
 *         [--shows <folder of all its photos>] [--note <line>] <photo to learn from> ...
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { RECOMMENDED_MODELS } from '../src/clip/hub/recommended.ts';
import { type FakeHub, startFakeHub } from '../src/node/hub/fake-hub.fixture.ts';
import { count, size } from '../src/words.ts';
import { startChromium } from '../test/chromium.ts';
import { TINY_CLIP } from '../test/data.ts';
import { settled } from './settled.ts';

const run = promisify(execFile);
const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const MINUTES = 60_000;
const TOP = 5;

const { release, photos, name, className, sentence, shows, note, examples } = readArguments();
const work = await realpath(await mkdtemp(join(tmpdir(), 'polar-story-')));
const home = join(work, 'home');
const { PATH, NODE_EXTRA_CA_CERTS } = process.env;
const env = {
  PATH,
  HOME: home,
  npm_config_cache: join(work, 'npm-cache'),
  npm_config_update_notifier: 'false',
  ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }),
};
const cwd = join(work, 'polar');
const lines: string[] = [];
async function tell(): Promise<void> {
  await install();
  const hub = await standIn();
  const server = spawn(program(), ['serve', '--no-open', '--json', '--port', '0'], {
    cwd,
    env: { ...env, HF_ENDPOINT: hub.url },
  });
  try {
    const started = performance.now();
    const [line] = await first(createInterface(server.stdout));
    const { openUrl } = JSON.parse(line) as { openUrl: string };
    const browser = await startChromium();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
      page.setDefaultTimeout(5 * MINUTES);
      await page.goto(openUrl);
      await page.getByRole('button', { name: 'Add a folder of photos' }).waitFor();
      const start = since(started);
      const model = await modelOf(openUrl);
      say(
        '## First screen',
        `\`polar serve\` opens it in the browser; it stood there ${start} after the command.`,
        ...(await keep(page, 'start', 'The first screen')),
      );
      await readFolder(page, model);
      await teach(page);
      await search(page);
      await exportAlbum();
      await page.goto(new URL('/', openUrl).href);
      await getModel(page, hub);
    } finally {
      await browser.close();
    }
  } finally {
    server.kill('SIGINT');
    await hub.close();
  }
  await write();
}

async function install(): Promise<void> {
  const here = `${process.platform}-${process.arch}`;
  const files = (await readdir(release)).sort();
  const wanted = files.filter(
    (file) => /^polar-vl-\d/.test(file) || (file.includes(`engine-${here}`) && file.endsWith('.tgz')),
  );
  const started = performance.now();
  const { stdout } = await run(
    'npm',
    ['install', '--no-audit', '--no-fund', ...wanted.map((file) => join(release, file))],
    { cwd, env },
  );
  const seconds = since(started);
  const downloads = files.filter((file) => /\.(tgz|tar\.gz|zip)$/.test(file));
  const sizes = await Promise.all(downloads.map(async (file) => (await stat(join(release, file))).size));
  const { stdout: version } = await run(program(), ['--version'], { cwd, env });
  say(
    '## Install',
    'In an empty folder, with an empty cache of npm and nothing but the npm registry:',
    block(`$ npm install ${wanted.join(' ')}`, stdout.trim(), '$ npx polar --version', version.trim()),
    `That took ${seconds} and is ${size(await bytesIn(join(cwd, 'node_modules')))} on the disk. Once it is published, \`npm install polar-vl\` does the same. The files of the release:`,
    ['| file | size |', '|---|---|', ...downloads.map((file, i) => `| ${file} | ${size(sizes[i]!)} |`)].join(
      '\n',
    ),
  );
}

async function readFolder(page: Page, model: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a folder of photos' }).click();
  await page.getByLabel('Folder', { exact: true }).fill('~/Pictures');
  const add = page.getByRole('button', { name: 'Add this folder' });
  await page.locator('dialog .main:not([disabled])').waitFor();
  const picture = await keep(page, 'add', 'The folder is chosen');
  const started = performance.now();
  await add.click();
  const done = page.locator('.job.done [role=status]');
  await done.waitFor();
  const seconds = since(started);
  say(
    '## Add the folder',
    ...picture,
    `Reading it took ${seconds}: “${(await done.textContent())!.trim()}”.`,
    ...(model === 'toybox'
      ? [
          'The model was Toybox, which ships with polar and knows drawings: the hub with the models for photographs could not be reached where this was made. The app says so above the photos, and offers the recommended one. So this page shows the way, not how well polar finds.',
        ]
      : [`The model was ${model}.`]),
    ...(await keep(page, 'wall', 'The wall, with the advice about the model')),
  );
}

async function teach(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Teach a thing' }).first().click();
  await page.locator('input[type=file][accept^=image]').first().setInputFiles(examples);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('What it is').fill(className);
  const learn = page.getByRole('button', { name: `Learn from ${count(examples.length, 'photo')}` });
  await learn.waitFor();
  const picture = await keep(page, 'teach', `${name} is taught`);
  const started = performance.now();
  await learn.click();
  await page.getByText(`${name} learnt from`).first().waitFor();
  const seconds = since(started);
  await page.locator('.report .quality').waitFor();
  const verdict = (await page.locator('.report .quality p').first().textContent())!.trim();
  say(
    `## Teach it ${name}`,
    `${count(examples.length, 'photo')} from files, a name, and a word for the kind of thing.`,
    ...picture,
    `${name} was learnt ${seconds} after the click, photos read included. Then the app judged it with photos held out: “${verdict}”`,
    ...(await keep(page, 'learnt', 'How well it does')),
  );
  await page.getByRole('button', { name: `Find ${name}` }).click();
}

async function search(page: Page): Promise<void> {
  const field = page.getByRole('searchbox');
  await field.fill(sentence);
  await page.locator('[data-read]').waitFor();
  await field.blur();
  const status = page.locator('.results [role=status]');
  await page.locator('.results [role=status][aria-busy=false]').waitFor();
  const found = (await status.textContent())!.trim();
  await page.getByRole('button', { name: 'Close the message' }).click();
  const picture = await keep(page, 'search', sentence);
  await page.evaluate('scrollTo(0, 0)');
  await page.locator('[data-index="0"] .photo').click({ modifiers: ['Control'] });
  await page.locator(`[data-index="${TOP - 1}"] .photo`).click({ modifiers: ['Shift'] });
  const started = performance.now();
  const zip = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as zip' }).click();
  const file = join(work, 'saved.zip');
  await (await zip).saveAs(file);
  const seconds = since(started);
  await page.getByText('saved').last().waitFor();
  say(
    '## Find it',
    `“${sentence}”: ${found}.`,
    ...picture,
    ...(await placesOf()),
    `## Take the photos along`,
    `The first ${TOP} selected (a click with Ctrl, one with Shift) and saved as a zip: ${size((await stat(file)).size)}, ${seconds} after the click.`,
    ...(await keep(page, 'export', 'Five photos are selected and saved')),
  );
}

/** Where the photos stand that show it, where all of them are known. */
async function placesOf(): Promise<string[]> {
  if (shows === undefined) return [];
  const all = (await readdir(shows)).map((file) => join(shows, file));
  const places = async (text: string): Promise<string> => {
    const { stdout } = await run(program(), ['search', text, '--top', '1000', '--json'], { cwd, env });
    const { photos: found } = JSON.parse(stdout) as { photos: { path: string }[] };
    return all
      .map((file) => found.findIndex(({ path }) => path === file) + 1)
      .filter((place) => place > 0)
      .sort((a, b) => a - b)
      .join(', ');
  };
  return [
    `${count(all.length, 'photo')} in the folder show ${name}. Searched for by the name alone they stand at places ${await places(name)}; by the word “${className}” alone at ${await places(className)}.`,
  ];
}

async function exportAlbum(): Promise<void> {
  const folder = `${name}-album`;
  const started = performance.now();
  const { stdout, stderr } = await run(program(), ['export', sentence, folder, '--top', String(TOP)], {
    cwd,
    env,
  });
  const seconds = since(started);
  const saved = await run(program(), ['albums', 'save', name, sentence, '--relevance', 'fair'], { cwd, env });
  say(
    'The same in the terminal: the photos copied into a folder, and the question kept as an album that shows what is new.',
    block(
      `$ npx polar export "${sentence}" ${folder} --top ${TOP}`,
      clean(stdout + stderr),
      `$ npx polar albums save ${name} "${sentence}" --relevance fair`,
      clean(saved.stdout + saved.stderr),
    ),
    `That export took ${seconds} from the command to the prompt, the start of the program included, and wrote ${count((await readdir(join(cwd, folder))).length, 'file')} of ${size(await bytesIn(join(cwd, folder)))}.`,
  );
}

/** A hub on this machine with a made-up model, which has the name and the size of the recommended one. */
async function standIn(): Promise<FakeHub> {
  const { id, megabytes } = RECOMMENDED_MODELS[0]!;
  const files = new Map<string, Buffer>();
  for (const file of await readdir(TINY_CLIP)) {
    const bytes = await readFile(join(TINY_CLIP, file));
    files.set(file, file.endsWith('.safetensors') ? padded(bytes, megabytes * 1e6) : bytes);
  }
  const hub = await startFakeHub(files, id);
  hub.trouble.slow = { bytes: 10_000_000, every: 50 };
  return hub;
}

/** A safetensors file with a tensor of zeros behind the others, which no model reads. */
function padded(file: Buffer, bytes: number): Buffer {
  const start = 8 + Number(file.readBigUInt64LE());
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, unknown>;
  const numbers = Math.floor((bytes - file.length) / 4);
  const end = file.length - start;
  header.padding = { dtype: 'F32', shape: [numbers], data_offsets: [end, end + 4 * numbers] };
  const text = Buffer.from(JSON.stringify(header));
  const whole = Buffer.alloc(8 + text.length + end + 4 * numbers);
  whole.writeBigUInt64LE(BigInt(text.length));
  text.copy(whole, 8);
  file.copy(whole, 8 + text.length, start);
  return whole;
}

async function getModel(page: Page, hub: FakeHub): Promise<void> {
  const { name, megabytes } = RECOMMENDED_MODELS[0]!;
  await page.getByRole('button', { name: 'Get it' }).click();
  const done = "document.querySelector('.job progress')?.value ?? 0";
  while ((await page.evaluate<number>(done)) < megabytes / 3) await page.waitForTimeout(50); // enough to say how long
  const picture = await keep(
    page,
    'model',
    'A made-up model comes from a hub of the story, with its licence',
  );
  await page.getByRole('button', { name: 'Pause' }).click();
  const resume = page.getByRole('button', { name: 'Resume' });
  await resume.waitFor();
  await resume.click();
  await page.getByRole('progressbar').waitFor();
  const end = page.locator('.job.done [role=status]');
  await end.waitFor();
  const behind = hub.requests.map(({ range }) => range).find((range) => range !== undefined);
  if (behind === undefined) throw new Error('the download began anew after its pause');
  say(
    '## Get the recommended model',
    `“Get it” above the photos gets ${name}; its size and its licence stand beside the button.`,
    ...picture,
    `**The model in this picture is made up:** Hugging Face could not be reached where this was made, so a hub of \`tools/story.ts\` stood in for it, with a file of the recommended model's name and size that holds a tiny CLIP of random numbers and zeros. The button, the licence, the progress and the pause are the app's; the speed is that of one machine with itself, and what such a model finds is not shown.`,
    `Paused and resumed, the download went on where it was (\`Range: ${behind}\`). Then the app read the folder again, while the index before it answered: “${(await end.textContent())!.trim()}”`,
  );
}

async function write(): Promise<void> {
  const { version } = JSON.parse(await readFile(join(docs, '../package.json'), 'utf8')) as {
    version: string;
  };
  const files = await readdir(photos, { recursive: true, withFileTypes: true });
  const number = files.filter((entry) => entry.isFile()).length;
  const head = [
    '# From install to an album',
    `polar ${version} as a new person meets it, with a folder of ${count(number, 'file')} (${size(await bytesIn(photos))}), on ${process.platform} ${process.arch} with ${cpus().length} cores and Node ${process.versions.node}. \`tools/story.ts\` did all of it in an empty folder, with a home of its own, and wrote this page; each figure is measured or counted by it, on a machine that may have had other work.`,
    ...(note === undefined ? [] : [note]),
  ];
  await writeFile(join(docs, 'story.md'), `${[...head, ...lines].join('\n\n')}\n`);
}

const program = (): string => join(cwd, 'node_modules', '.bin', 'polar');
const say = (...paragraphs: readonly string[]): void => {
  lines.push(...paragraphs);
};
const since = (started: number): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
const block = (...text: readonly string[]): string => ['```console', ...text, '```'].join('\n');

/** Output without the places of this machine. */
const clean = (text: string): string =>
  text.trim().replaceAll(`${cwd}/`, '').replaceAll(home, '~').replaceAll(photos, '~/Pictures');

async function first(reader: AsyncIterable<string>): Promise<[string]> {
  for await (const line of reader) return [line];
  throw new Error('polar serve said nothing');
}

async function modelOf(url: string): Promise<string> {
  const answer = await fetch(new URL('/api/state', url));
  return ((await answer.json()) as { model: string }).model;
}

async function keep(page: Page, shot: string, alt: string): Promise<string[]> {
  await page.mouse.move(0, 0);
  await settled(page);
  const picture = sharp(await page.screenshot());
  await picture.webp({ quality: 80 }).toFile(join(docs, 'pictures', `story-${shot}.webp`));
  return [`![${alt}](pictures/story-${shot}.webp)`];
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      release: { type: 'string' },
      photos: { type: 'string' },
      name: { type: 'string' },
      class: { type: 'string' },
      sentence: { type: 'string' },
      shows: { type: 'string' },
      note: { type: 'string' },
    },
  });
  const { release, photos, name, class: className, sentence, shows, note } = values;
  if (!release || !photos || !name || !className || !sentence || positionals.length < 2) {
    console.error(
      'story: expected --release, --photos, --name, --class, --sentence and at least two photos to learn from',
    );
    process.exit(2);
  }
  return {
    release: resolve(release),
    photos: resolve(photos),
    name,
    className,
    sentence,
    shows: shows && resolve(shows),
    note,
    examples: positionals.map((file) => resolve(file)),
  };
}

try {
  await mkdir(cwd, { recursive: true });
  await mkdir(home);
  await symlink(photos, join(home, 'Pictures'));
  await tell();
} finally {
  await rm(work, { recursive: true });
}
