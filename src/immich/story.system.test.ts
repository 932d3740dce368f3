import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runPolar, startPolar } from '../../test/polar.ts';
import { samplePhotos } from '../../tools/sample-photos.ts';
import { normalizeRows, rowOf } from '../matrix.ts';
import { inHome } from '../node/home.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { readToyboxPhotos } from '../toybox/index.ts';
import { PERMISSIONS } from './api.ts';
import { addAsset, type StandIn, type StandInAlbum, startImmich } from './immich.fixture.ts';
import { type MachineLearning, startMachineLearning } from './machine-learning.fixture.ts';

// The whole story, with the real commands, against an immich server and its machine learning that are stand-ins.
const MODEL = 'Toybox__polar';
let home: string;
let clip: Clip;
let original: MachineLearning;
let immich: StandIn;
let service: ChildProcess;
let serviceUrl: string;
let name: string;
let className: string;
let own: Set<string>;
let examples: StandInAlbum;
let filled: StandInAlbum;

/** `POLAR_STORY=<file>` keeps what the commands printed, as docs/immich.md has it: long lists and ids cut short. */
const tell = async (text: string) => {
  if (!process.env.POLAR_STORY) return;
  const told = text
    .replaceAll(home, '~')
    .replaceAll(immich.url, 'http://immich:2283')
    .replaceAll(serviceUrl ?? '\0', 'http://polar:3003')
    .replace(/([0-9a-f]{4})[0-9a-f]{4}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '$1…')
    .replace(/((?:^http\S+\n){3})((?:^http\S+\n)+)/gm, (_, first: string, rest: string) => {
      return `${first}(${rest.split('\n').length - 1} more)\n`;
    });
  await appendFile(process.env.POLAR_STORY, `${told.trimEnd()}\n`);
};

const commandLine = (args: readonly string[]): string =>
  ['polar', ...args.map((word) => (/\s/.test(word) ? `"${word}"` : word))].join(' ');

async function polar(...args: string[]) {
  const outcome = await runPolar(home, args, { IMMICH_API_KEY: '' });
  await tell(`$ ${commandLine(args)}\n${outcome.stderr}${outcome.stdout}`);
  return outcome;
}

const encodeText = async (text: string) => normalizeRows(await clip.encodeTexts([text])).data;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'polar-story-'));
  clip = await loadClip('toybox');
  original = await startMachineLearning(encodeText);
  immich = await startImmich(MODEL);
  immich.machineLearning.urls = [original.url.href];
  const made = await samplePhotos();
  const thing = made.things[0]!;
  ({ name, className } = thing);
  const put = async (folder: string): Promise<void> => {
    const files = (await readdir(folder)).filter((file) => /\.(?:jpe?g|png|webp)$/.test(file)).sort();
    const paths = files.map((file) => join(folder, file));
    const embeddings = normalizeRows(await clip.encodeImages(paths));
    for (const [i, path] of paths.entries()) {
      addAsset(immich, files[i]!, await readFile(path), rowOf(embeddings, i));
    }
  };
  await put(made.library);
  const truth = [...(await readToyboxPhotos(dirname(made.library))).values()];
  const shows = new Set(truth.filter((photo) => photo.shows.includes(name)).map(({ file }) => file));
  own = new Set([...immich.assets.values()].filter((asset) => shows.has(asset.name)).map(({ id }) => id));
  const before = new Set(immich.assets.keys());
  await put(thing.examples);
  const ids = [...immich.assets.keys()].filter((id) => !before.has(id));
  examples = { id: crypto.randomUUID(), albumName: name, assets: new Set(ids) };
  immich.albums.set(examples.id, examples);
}, 240_000);
afterAll(async () => {
  service?.kill('SIGTERM');
  if (service !== undefined && service.exitCode === null) await once(service, 'exit');
  await Promise.all([immich?.close(), original?.close(), clip?.close()]);
  await rm(home, { recursive: true });
});

/** Searches as a client of immich does; how many of the first places show the thing. */
async function search(query: string): Promise<number> {
  const response = await fetch(`${immich.url}/api/search/smart`, {
    method: 'POST',
    headers: { 'x-api-key': immich.key, 'content-type': 'application/json' },
    body: JSON.stringify({ query, size: own.size }),
  });
  const { assets } = (await response.json()) as { assets: { items: { id: string }[] } };
  const hits = assets.items.filter(({ id }) => own.has(id) || examples.assets.has(id)).length;
  await tell(`immich search "${query}": ${hits} of the first ${own.size} show ${name}`);
  return hits;
}

it('a thing is learnt from an album of immich', async () => {
  const connected = await runPolar(home, ['immich', 'connect', immich.url], { IMMICH_API_KEY: immich.key });
  expect(connected.code).toBe(0);
  await tell(`$ polar immich connect ${immich.url}\n${connected.stdout}`);
  const { code, stderr, stdout } = await polar(
    'learn',
    name,
    `immich:album/${name}`,
    '--class',
    className,
    '--model',
    'toybox',
  );
  expect(stderr).not.toContain(immich.key);
  expect(stdout).toMatch(/learnt from 5 photos/);
  expect(code).toBe(0);
  expect((await readdir(tmpdir())).filter((entry) => entry.startsWith('polar-previews-'))).toEqual([]);
});

it("immich's search finds it through the service, with no photo embedded anew", async () => {
  const before = await search(`a photo of ${name}`);
  service = startPolar(home, [
    'immich',
    'serve',
    '--upstream',
    original.url.href,
    '--port',
    '0',
    '--map',
    `${MODEL}=toybox`,
    '--json',
  ]);
  const [line] = (await once(service.stdout!, 'data')) as [Buffer];
  serviceUrl = (JSON.parse(String(line)) as { url: string }).url;
  immich.machineLearning.urls = [serviceUrl, original.url.href];
  await tell(`(polar immich serve runs at ${serviceUrl}, and immich's first machine-learning URL is that)`);
  // The query of before is answered from immich's memory; another spelling is not.
  expect(await search(`a photo of ${name}`)).toBe(before);
  const after = await search(`a photo of ${name.toUpperCase()}`);
  expect(after).toBeGreaterThan(before);
  expect(after / own.size).toBeGreaterThan(0.6);
});

it('an album is filled with what is found, first only said with --dry-run', async () => {
  const args = [
    'immich',
    'album',
    `a photo of ${name}`,
    '--album',
    'Found',
    '--top',
    '8',
    '--service',
    serviceUrl,
  ];
  const dry = await polar(...args, '--dry-run');
  expect(dry.stdout.trim().split('\n')).toHaveLength(8);
  expect(dry.stdout).toMatch(new RegExp(`^${immich.url}/photos/`));
  expect([...immich.albums.keys()]).toEqual([examples.id]);
  const done = await polar(...args);
  expect(done.stderr).toMatch(/^Found: 8 photos added \(http/m);
  expect(done.code).toBe(0);
  filled = [...immich.albums.values()].find(({ albumName }) => albumName === 'Found')!;
  expect(filled.assets.size).toBe(8);
});

it('what a person took out stays out, what a person put in stays in, and what is new is added', async () => {
  const [first, second] = [...filled.assets];
  filled.assets.delete(first!);
  await tell(`(a person takes ${immich.assets.get(first!)!.name} out of the album)`);
  const stranger = [...immich.assets.keys()].find(
    (id) => !own.has(id) && !filled.assets.has(id) && id !== first,
  )!;
  filled.assets.add(stranger);
  const twin = immich.assets.get(second!)!;
  const fresh = addAsset(immich, 'new.jpg', twin.preview!, twin.embedding);
  const again = await polar(
    'immich',
    'album',
    `a photo of ${name}`,
    '--album',
    'found',
    '--top',
    '9',
    '--service',
    serviceUrl,
  );
  expect(again.code).toBe(0); // another spelling of the name is another album's
  const args = [
    'immich',
    'album',
    `a photo of ${name}`,
    '--album',
    'Found',
    '--top',
    '9',
    '--service',
    serviceUrl,
  ];
  const { stderr, code } = await polar(...args);
  expect(code).toBe(0);
  expect(stderr).toMatch(/1 photo that somebody took out left out/);
  expect(filled.assets.has(first!)).toBe(false);
  expect(filled.assets.has(stranger)).toBe(true);
  expect(filled.assets.has(fresh.id)).toBe(true);
  const rest = await polar(...args);
  expect(rest.stderr).toMatch(/^Found: 0 photos added; /m);
});

it('without the service no album is filled with what the bare word finds', async () => {
  immich.machineLearning.urls = [original.url.href];
  const { code, stderr } = await polar(
    'immich',
    'album',
    `${name} asleep`,
    '--album',
    'Wrong',
    '--service',
    serviceUrl,
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/immich's search did not come through polar immich serve/);
  const sure = await polar('immich', 'album', name, '--album', 'Wrong', '--relevance', 'strong');
  expect(sure.stderr).toMatch(/--relevance needs the previews indexed here/);
  expect([...immich.albums.values()].some(({ albumName }) => albumName === 'Wrong')).toBe(false);
});

it('what is wrong with photos of an album is said by their addresses in immich', async () => {
  const [first] = [...examples.assets].map((id) => immich.assets.get(id)!);
  const twin = addAsset(immich, 'twin.jpg', await sharp(first!.preview!).jpeg({ quality: 91 }).toBuffer());
  const broken = addAsset(immich, 'damaged.jpg', new TextEncoder().encode('no picture'));
  const assets = new Set([first!.id, twin.id, broken.id]);
  const album: StandInAlbum = { id: crypto.randomUUID(), albumName: 'Twice', assets };
  immich.albums.set(album.id, album);
  const args = ['--class', className, '--model', 'toybox', '--iterations', '1'];
  const { stdout, stderr } = await polar('learn', 'Twice', 'immich:album/Twice', ...args);
  const link = (id: string) => `${immich.url}/photos/${id}`;
  expect(stderr).toContain(`skipped ${link(broken.id)}: not a picture`);
  expect(stdout + stderr).toMatch(
    new RegExp(
      `(?:${link(first!.id)} and ${link(twin.id)}|${link(twin.id)} and ${link(first!.id)}) are nearly`,
    ),
  );
  for (const id of [twin.id, broken.id]) immich.assets.delete(id);
  immich.albums.delete(album.id);
  await polar('concepts', 'remove', 'Twice');
});

it('the previews are indexed over the API, one bad photo stops nothing, and only changes are read again', async () => {
  addAsset(immich, 'broken.jpg', new TextEncoder().encode('no picture'));
  addAsset(immich, 'none.jpg', new Uint8Array()).preview = undefined;
  const first = await polar('index', 'immich:', '--model', 'toybox', '--json');
  const [summary] = JSON.parse(first.stdout) as {
    found: number;
    added: number;
    skipped: { reason: string }[];
  }[];
  expect(summary!.found).toBe(immich.assets.size);
  expect(summary!.added).toBe(immich.assets.size - 2);
  expect(summary!.skipped.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/^not a picture that can be read/),
    'immich has no preview of it (404)',
  ]);
  const asked = immich.requests.length;
  const again = await polar('index', 'immich:', '--model', 'toybox');
  expect(again.stdout).toBe(
    `immich: ${immich.assets.size} photos (0 new, ${immich.assets.size - 1} unchanged, 1 cannot be read: --failed lists them)\nimmich: left out: 1 photo without a preview in immich\n`,
  );
  expect(immich.requests.slice(asked)).toHaveLength(2); // the list, and the one without a preview
  const changed = [...immich.assets.values()][0]!;
  changed.modified += 1000;
  immich.assets.delete([...immich.assets.keys()][1]!);
  const third = await polar('index', 'immich:', '--model', 'toybox');
  expect(third.stdout).toMatch(
    /\(1 new, \d+ unchanged, 1 gone, 1 cannot be read.*\)\nimmich: left out: 1 photo without a preview/,
  );
});

it('immich stands among the folders, and is read again with them, or says why not while the others are', async () => {
  const folder = join(home, 'album');
  await mkdir(folder);
  await writeFile(join(folder, 'one.jpg'), [...immich.assets.values()][0]!.preview!);
  await polar('index', folder, '--model', 'toybox');
  const listed = await polar('folders');
  expect(listed.stdout).toMatch(
    new RegExp(
      `^immich: at ${immich.url}: \\d+ photos, read 20.*, 1 photo cannot be read, .*left out: 1 photo without a preview in immich$`,
      'm',
    ),
  );
  const all = await polar('index', '--model', 'toybox');
  expect(all.code).toBe(0);
  expect(all.stdout).toMatch(
    /album: 1 photo \(0 new, 1 unchanged\)\nimmich: \d+ photos \(0 new, \d+ unchanged, 1 cannot be read/,
  );
  immich.trouble.broken = { path: /search/, status: 500 };
  const away = await polar('index', '--model', 'toybox');
  delete immich.trouble.broken;
  expect(away.code).toBe(1);
  expect(away.stdout).toMatch(/^.*album: 1 photo \(0 new, 1 unchanged\)\n$/);
  expect(away.stderr).toContain(`${immich.url}: /search/metadata answered 500 (Broken)`);
  const other = await runPolar(home, ['index', '--model', 'toybox'], {
    IMMICH_URL: 'http://other:2283',
    IMMICH_API_KEY: immich.key,
  });
  expect(other.stderr).toContain(`immich: at ${immich.url}/photos: another immich server is connected`);
  await polar('index', '--forget', folder);
});

it('a search of polar answers with links into immich, and an album takes only what is sure', async () => {
  const found = await polar('search', `a photo of ${name}`, '--top', '5', '--model', 'toybox');
  const links = found.stdout.trim().split('\n');
  expect(links).toHaveLength(5);
  const here = await polar(
    'search',
    `a photo of ${name}`,
    '--top',
    '5',
    '--model',
    'toybox',
    '--in',
    'immich:',
  );
  expect(here.stdout).toBe(found.stdout);
  for (const link of links) expect(immich.assets.has(link.replace(`${immich.url}/photos/`, ''))).toBe(true);
  const done = await polar(
    'immich',
    'album',
    `a photo of ${name}`,
    '--album',
    'Sure',
    '--relevance',
    'strong',
    '--json',
  );
  const { added } = JSON.parse(done.stdout) as { added: string[] };
  expect(added.length).toBeGreaterThan(2);
  expect(added.length).toBeLessThan(immich.assets.size / 4);
});

it('what was found is copied out of immich where the key may, else said to lie there, with the way to an album', async () => {
  const found = `a photo of ${name}`;
  const common = ['--top', '3', '--model', 'toybox'];
  const copied = await polar('export', found, join(home, 'copies'), ...common);
  expect(copied.stdout).toMatch(/copies: 3 photos copied\n$/);
  expect(await readdir(join(home, 'copies'))).toHaveLength(3);
  immich.permissions.clear();
  for (const permission of PERMISSIONS) immich.permissions.add(permission);
  const zip = await polar('export', found, join(home, 'found.zip'), '--zip', ...common);
  immich.permissions.add('all');
  expect([zip.code, zip.stdout]).toEqual([1, `${join(home, 'found.zip')}: 0 photos written (3 left out)\n`]);
  expect(zip.stderr).toContain(
    'skipped 3 photos: each lies in immich, not on this machine; polar immich album puts',
  );
  expect(zip.stderr).toContain('with the permission asset.download the key may copy it');
  const tagged = await polar('tag', found, '--keyword', name, ...common);
  expect([tagged.code, tagged.stderr]).toEqual([
    1,
    expect.stringMatching(/skipped \d photos?: each lies in immich/),
  ]);
});

it('an album that is deleted in the middle is one clear line, and is made anew with the next run', async () => {
  const sure = [...immich.albums.values()].find(({ albumName }) => albumName === 'Sure')!;
  const [gone] = [...sure.assets];
  sure.assets.delete(gone!);
  const args = ['immich', 'album', `a photo of ${name}`, '--album', 'Sure', '--top', '60'];
  immich.trouble.onAdd = () => immich.albums.delete(sure.id);
  const stopped = await polar(...args);
  expect(stopped.code).toBe(1);
  expect(stopped.stderr).toContain(
    'polar: the album "Sure" was deleted meanwhile; run the command again to make it anew',
  );
  immich.trouble.onAdd = () => {};
  const anew = await polar(...args);
  expect(anew.code).toBe(0);
  const made = [...immich.albums.values()].find(({ albumName }) => albumName === 'Sure')!;
  expect(made.assets.has(gone!)).toBe(false); // that a person took it out is remembered
  expect(made.assets.size).toBe(59);
});

/** A command that stays, and what it prints. */
function watching(...args: string[]) {
  const child = startPolar(home, args, { IMMICH_API_KEY: '' });
  const said = { stdout: '', stderr: '' };
  child.stdout!.on('data', (part) => {
    said.stdout += String(part);
  });
  child.stderr!.on('data', (part) => {
    said.stderr += String(part);
  });
  return {
    said,
    async end(): Promise<number> {
      child.kill('SIGINT');
      const [code] = (await once(child, 'exit')) as [number];
      await tell(`$ ${commandLine(args)}\n${said.stderr}${said.stdout}`);
      return code;
    },
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1200 && !(await condition()); turn++) await sleep(100);
  expect(await condition()).toBe(true);
}

it('an index that is watched takes in what is new with a short question, and goes on when immich was away', async () => {
  const watch = watching('index', 'immich:', '--model', 'toybox', '--watch', '--every', '0.01', '--json');
  const runs = () =>
    watch.said.stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { found: number; added: number });
  await until(() => runs().length === 1);
  expect(runs()[0]!.found).toBe(immich.assets.size);
  immich.trouble.broken = { path: /search/, status: 500 };
  await until(() => watch.said.stderr.includes('/search/metadata answered 500'));
  delete immich.trouble.broken;
  const [twin] = [...immich.assets.values()];
  addAsset(immich, 'later.jpg', twin!.preview!, twin!.embedding).modified = Date.now();
  await until(() => runs().length === 2);
  expect(runs()[1]!.added).toBe(1);
  expect(runs()[1]!.found).toBeLessThan(immich.assets.size); // not the whole list again
  expect(await watch.end()).toBe(0);
  expect(watch.said.stderr).toContain('Stopped; the index is as current as the last line says.');
});

it('an album that is watched gets what is new, is let be while immich is away, and Ctrl-C ends it well', async () => {
  const args = [
    '--album',
    'Kept',
    '--relevance',
    'strong',
    '--model',
    'toybox',
    '--watch',
    '--every',
    '0.01',
  ];
  const watch = watching('immich', 'album', `a photo of ${name}`, ...args);
  const kept = () => [...immich.albums.values()].find(({ albumName }) => albumName === 'Kept');
  await until(() => watch.said.stdout.includes('/photos/'));
  const before = kept()!.assets.size;
  immich.trouble.broken = { path: /albums/, status: 500 };
  await until(() => watch.said.stderr.includes('/albums answered 500'));
  delete immich.trouble.broken;
  const [first] = [...kept()!.assets];
  const twin = immich.assets.get(first!)!;
  const preview = await sharp(twin.preview!).jpeg({ quality: 91 }).toBuffer(); // not the same file
  const fresh = addAsset(immich, 'fresh.jpg', preview, twin.embedding);
  expect((await polar('index', 'immich:', '--model', 'toybox')).code).toBe(0);
  await until(() => kept()!.assets.has(fresh.id));
  kept()!.assets.delete(fresh.id); // a person takes it out again
  const asked = immich.requests.length;
  await until(
    () => immich.requests.slice(asked).filter((request) => request === 'GET /api/albums').length > 2,
  );
  expect(kept()!.assets.has(fresh.id)).toBe(false);
  expect(kept()!.assets.size).toBe(before);
  expect(await watch.end()).toBe(0);
  expect(watch.said.stderr).toContain('Stopped; the album is as current as the last line says.');
});

it('photos of immich are taken out of the index, one by its address, or all', async () => {
  const one = `${immich.url}/photos/${[...immich.assets.keys()][0]}`;
  const out = await polar('index', '--forget', one);
  expect(out.stdout).toBe(`${one}: 1 photo taken out of the index; the files stay\n`);
  const again = await polar('index', 'immich:', '--model', 'toybox');
  expect(again.stdout).toMatch(/immich: \d+ photos \(0 new, .*1 file or folder taken out of the library/s);
  const part = await polar('index', '--forget', 'immich:album/Kept');
  expect(part.stderr).toContain('the index does not know what is in it');
  await rm(inHome(home).immich); // not connected any more
  const all = await polar('index', '--forget', 'immich:');
  expect(all.stdout).toMatch(/^immich: \d+ photos taken out of the index/);
  expect((await polar('search', 'a dog', '--model', 'toybox')).code).toBe(1);
});
