import { appendFile, cp, mkdtemp, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PHOTOS, TINY_CLIP } from '../../../test/data.ts';
import { outcomeOf, runPolar, startPolar } from '../../../test/polar.ts';
import { OUTPUTS } from '../shell/outputs.ts';

describe('what is done with found photos', () => {
  let home: string;
  let out: string;
  beforeAll(async () => {
    home = await realpath(await mkdtemp(join(tmpdir(), 'polar-export-')));
    out = join(home, 'out');
    await cp(PHOTOS, join(home, 'photos'), { recursive: true });
    expect((await polar('index', join(home, 'photos'))).code).toBe(0);
  });
  afterAll(() => rm(home, { recursive: true }));

  const polar = (...args: string[]) => runPolar(home, [...args, '--model', TINY_CLIP]);

  it('copies what a search finds, says so in one line, and is continued by the same command', async () => {
    const found = (await polar('search', 'a thing', '--top', '3')).stdout.trimEnd().split('\n');
    const dry = await polar('export', 'a thing', out, '--top', '3', '--dry-run');
    expect(dry.stdout).toBe(`${out}: 3 photos would be copied\n`);
    expect((await polar('export', 'a thing', out, '--top', '3')).stdout).toBe(`${out}: 3 photos copied\n`);
    await rm(found[1]!);
    const { code, stdout } = await polar('export', 'a thing', out, '--top', '3', '--json');
    const { photos, skipped, mode } = OUTPUTS.export.parse(JSON.parse(stdout));
    // The photo that is gone is not found any more, and the next one takes its place.
    expect({ code, skipped, mode, states: photos.map(({ state }) => state) }).toEqual({
      ...{ code: 0, skipped: [], mode: 'copy' },
      states: ['there', 'there', 'new'],
    });
    expect(await readdir(out)).toHaveLength(4);
  });

  it('takes one kind of export, and says what a wrong one is', async () => {
    const two = await polar('export', 'a thing', out, '--move', '--zip');
    expect(two).toMatchObject({ code: 1, stdout: '' });
    expect(two.stderr).toMatch(/option '--move' cannot be used with option '--zip'/);
    const unsure = await polar('export', 'a thing', out, '--relevance', 'sure');
    expect(unsure.stderr).toMatch(/expected strong, fair or weak/);
    const list = join(home, 'things.m3u8');
    const { stdout } = await polar('export', 'a thing', list, '--album', '--top', '2');
    expect(stdout).toBe(`${list}: 2 photos listed\n`);
    expect((await readFile(list, 'utf8')).split('\n').filter((line) => line.startsWith('/'))).toHaveLength(2);
  });

  it('search and export agree on what is as sure as --relevance', async () => {
    const { stdout } = await polar('search', 'a thing', '--json', '--relevance', 'fair');
    const sure = OUTPUTS.search.parse(JSON.parse(stdout)).photos;
    expect(sure.every(({ relevance }) => relevance !== 'weak')).toBe(true);
    const { stdout: json } = await polar(
      'export',
      'a thing',
      out,
      '--relevance',
      'fair',
      '--json',
      '--dry-run',
    );
    const exported = JSON.parse(json).photos as { path: string }[];
    expect(exported.map(({ path }) => basename(path))).toEqual(sure.map(({ path }) => basename(path)));
  });

  it('tag writes sidecars and says how many; without a sentence --remove takes out all that it wrote', async () => {
    const args = ['a thing', '--relevance', 'weak', '--top', '3', '--keyword', 'Pets/Rex'];
    expect((await polar('tag', ...args, '--dry-run')).stdout).toBe('Pets/Rex: 3 sidecars would be written\n');
    expect((await polar('tag', ...args)).stdout).toBe('Pets/Rex: 3 sidecars written\n');
    const again = OUTPUTS.tag.parse(JSON.parse((await polar('tag', ...args, '--json')).stdout));
    expect(again).toMatchObject({ keyword: 'Pets/Rex', skipped: [] });
    expect(again.photos.map(({ state }) => state)).toEqual(['there', 'there', 'there']);
    const { stdout } = await polar('tag', '--keyword', 'Pets/Rex', '--remove');
    expect(stdout).toBe('Pets/Rex: 3 sidecars freed of it\n');
    const left = await readdir(join(home, 'photos'), { recursive: true });
    expect(left.filter((name) => name.endsWith('.xmp'))).toEqual([]);
    const wrong = await polar('tag', 'a thing', '--keyword', 'a|b');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/the keyword "a\|b" cannot be used; expected 1 to 60 letters/);
  });

  it('duplicates lists groups with an empty line between them, and writes a page with every photo', async () => {
    const one = join(home, 'photos', 'cat');
    await cp(join(PHOTOS, 'cat'), one, { recursive: true }); // an earlier test has removed a photo
    for (const name of ['00', '01']) await cp(join(one, `${name}.jpg`), join(one, `${name} copy.jpg`));
    expect((await polar('index', join(home, 'photos'))).code).toBe(0);
    const page = join(home, 'duplicates.html');
    const { code, stdout, stderr } = await polar('duplicates', '--in', one, '--html', page);
    const path = (name: string) => join(one, name);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${path('00.jpg')}\n${path('00 copy.jpg')}\n\n${path('01.jpg')}\n${path('01 copy.jpg')}\n`,
    });
    expect(stderr).toMatch(/2 pictures more than once, 2 files beside the best; nothing was deleted\n$/);
    expect([...(await readFile(page, 'utf8')).matchAll(/<img src="data:image\/jpeg/g)]).toHaveLength(4);
    const json = await polar('duplicates', '--in', one, '--json');
    const { groups } = OUTPUTS.duplicates.parse(JSON.parse(json.stdout));
    expect(groups[0]![0]).toMatchObject({
      path: path('00.jpg'),
      width: expect.any(Number),
      bytes: expect.any(Number),
    });
  });

  it('an album says how many photos it has and how many are new since it was shown', async () => {
    const run = async (...args: string[]) => JSON.parse((await polar('albums', ...args, '--json')).stdout);
    const saved = await runPolar(home, [
      ...[
        'albums',
        'save',
        'Things',
        'a thing',
        '--relevance',
        'weak',
        '--in',
        join(home, 'photos'),
        '--json',
      ],
    ]);
    expect(JSON.parse(saved.stdout)).toMatchObject({
      name: 'Things',
      looked: null,
      folder: join(home, 'photos'),
    });
    const [before] = await run('list');
    expect(before).toMatchObject({ name: 'Things', new: before.photos });
    expect((await run('show', 'things')).photos).toHaveLength(before.photos);
    expect(await run('list')).toMatchObject([{ photos: before.photos, new: 0 }]);
    await cp(join(PHOTOS, 'can', '00.jpg'), join(home, 'photos', 'new.jpg'));
    await appendFile(join(home, 'photos', 'new.jpg'), 'another content');
    await polar('index', join(home, 'photos'));
    expect(await run('list')).toMatchObject([{ photos: before.photos + 1, new: 1 }]);
    expect((await polar('albums', 'show', 'Things', '--new')).stdout).toBe(
      `${join(home, 'photos', 'new.jpg')}\n`,
    );
    await polar('albums', 'favourite', join(home, 'photos', 'new.jpg'));
    expect((await polar('albums', 'favourite')).stdout).toBe(`${join(home, 'photos', 'new.jpg')}\n`);
    const gone = await runPolar(home, ['albums', 'show', 'Rex']);
    expect(gone).toMatchObject({ code: 1, stdout: '' });
    expect(gone.stderr).toMatch(/^polar: Rex: no album of this name; "polar albums" lists them$/m);
    expect((await runPolar(home, ['albums', 'rename', 'Things', 'Cans'])).stdout).toBe(
      'Things is called Cans now\n',
    );
    expect((await runPolar(home, ['albums', 'remove', 'Cans'])).stdout).toMatch(/^Cans is forgotten/);
    expect((await runPolar(home, ['albums', 'restore', 'cans'])).stdout).toBe('cans is back\n');
    expect(await run('list', '--precision', 'full')).toMatchObject([{ name: 'Cans', new: 0 }]);
  });

  it('a favourite that is indexed in half precision alone is listed too', async () => {
    const own = await realpath(await mkdtemp(join(tmpdir(), 'polar-half-')));
    const photo = join(own, 'photos', '00.jpg');
    await cp(join(PHOTOS, 'can', '00.jpg'), photo);
    const half = ['--model', TINY_CLIP, '--precision', 'half'];
    expect((await runPolar(own, ['index', join(own, 'photos'), ...half])).code).toBe(0);
    expect((await runPolar(own, ['albums', 'favourite', photo])).code).toBe(0);
    expect((await runPolar(own, ['albums', 'favourite'])).stdout).toBe(`${photo}\n`);
    await rm(own, { recursive: true });
  });

  it('export --watch links what is indexed while it runs, and Ctrl-C leaves a folder that is current', async () => {
    const own = await realpath(await mkdtemp(join(tmpdir(), 'polar-follow-')));
    const [from, links] = [join(own, 'photos'), join(own, 'links')];
    const index = () => runPolar(own, ['index', from, '--model', TINY_CLIP]);
    for (const name of ['00.jpg', '01.jpg']) await cp(join(PHOTOS, 'can', name), join(from, name));
    await index();
    const question = ['export', 'a thing', links, '--model', TINY_CLIP, '--json'];
    const child = startPolar(own, [...question, '--link', '--watch']);
    onTestFinished(() => void child.kill('SIGKILL')); // a test that fails leaves none running
    const ended = outcomeOf(child);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const round = async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`polar ended: ${(await ended).stderr}`);
      return OUTPUTS.export.parse(JSON.parse(value as string));
    };
    expect((await round()).photos).toMatchObject([{ state: 'new' }, { state: 'new' }]);
    await cp(join(PHOTOS, 'dog', '00.jpg'), join(from, '02.jpg'));
    await rm(join(from, '00.jpg'));
    await index();
    const removed: string[] = [];
    for (let linked: string[] = []; removed.length === 0 || !linked.includes(join(links, '02.jpg')); ) {
      const next = await round(); // what is indexed in two steps may be seen in two rounds
      linked = next.photos.map(({ to }) => to);
      removed.push(...(next.removed ?? []));
    }
    expect(removed).toEqual([join(links, '00.jpg')]);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      code: 0,
      stderr: 'Stopped; what was written is as current as the last line says.\n',
    });
    expect((await readdir(links)).sort()).toEqual(['.polar-links.json', '01.jpg', '02.jpg']);
    expect(await readlink(join(links, '02.jpg'))).toBe(join(from, '02.jpg'));
    expect((await runPolar(own, [...question, '--watch'])).stderr).toMatch(/add --link or --album$/m);
    await rm(own, { recursive: true });
  });

  it('index, folders and search print what their schemas say', async () => {
    const { stdout } = await polar('index', join(home, 'photos'), '--json');
    expect(OUTPUTS.index.parse(JSON.parse(stdout))).toHaveLength(1);
    const folders = await runPolar(home, ['folders', '--json']);
    expect(OUTPUTS.folders.parse(JSON.parse(folders.stdout))).toHaveLength(1);
    const schema = JSON.parse((await runPolar(home, ['schema', 'search'])).stdout);
    expect(schema).toMatchObject({ type: 'object', properties: { photos: { type: 'array' } } });
  });
});
