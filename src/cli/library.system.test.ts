import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photo, TINY_CLIP } from '../../test/data.ts';
import { runPolar, startPolar } from '../../test/polar.ts';

describe('a library through the command', () => {
  let home: string;
  let folder: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'polar-cli-library-'));
    folder = join(home, 'photos');
    await mkdir(join(folder, 'trip'), { recursive: true });
    for (const name of ['dog6/00', 'dog6/01', 'dog6/02', 'cat/00', 'cat/01']) {
      await copyFile(photo(name), join(folder, name.replace('/', '-').concat('.jpg')));
    }
    await copyFile(photo('vase/00'), join(folder, 'trip', 'vase.jpg'));
    await utimes(join(folder, 'trip', 'vase.jpg'), 0, Date.UTC(2001, 5, 1) / 1000);
    await writeFile(join(folder, 'bad.jpg'), 'no picture');
    const { code, stdout, stderr } = await polar('index', folder);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${folder}: 7 photos (6 new, 0 unchanged, 1 cannot be read: --failed lists them)\n`,
    });
    expect(stderr).toMatch(/^skipped .*bad\.jpg: not a picture that can be read .*\n$/);
  });
  afterAll(() => rm(home, { recursive: true }));

  const polar = (...args: string[]) => runPolar(home, [...args, '--model', TINY_CLIP]);
  const found = async (...args: string[]) =>
    (await polar('search', ...args)).stdout
      .trimEnd()
      .split('\n')
      .map((path) => basename(path));

  it('lists what cannot be read, with the reason', async () => {
    const { code, stdout } = await polar('index', '--failed');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^.*bad\.jpg\tnot a picture that can be read .*\n$/);
    const [row] = JSON.parse((await polar('index', '--failed', '--json')).stdout) as { path: string }[];
    expect(row!.path).toBe(join(folder, 'bad.jpg'));
  });

  it('searches by day and folder', async () => {
    expect(await found('a thing', '--before', '2002-01-01')).toEqual(['vase.jpg']);
    expect(await found('a thing', '--after', '2002-01-01')).toHaveLength(5);
    expect(await found('a thing', '--in', join(folder, 'trip'))).toEqual(['vase.jpg']);
    const wrong = await polar('search', 'a thing', '--after', 'May');
    expect(wrong.stderr).toMatch(/expected a date such as 2024-05-01/);
  }, 300_000);

  it('searches by a photo, alone or mixed with words, and away from words and learnt things', async () => {
    expect(await found('--like', photo('cat/00'), '--top', '1')).toEqual(['cat-00.jpg']);
    await polar('learn', 'Rex', photo('dog6/00'), photo('dog6/01'), '--class', 'dog');
    const scores = async (...args: string[]) => {
      const { stdout } = await polar('search', ...args, '--json');
      const { photos } = JSON.parse(stdout) as {
        photos: { path: string; score: number; relevance: string }[];
      };
      expect(photos.every(({ relevance }) => ['strong', 'fair', 'weak'].includes(relevance))).toBe(true);
      return photos.map(({ path, score }) => `${basename(path)} ${score.toFixed(5)}`);
    };
    const plain = await scores('a thing');
    const mixed = await scores('a thing', '--like', photo('cat/00'));
    expect(mixed).not.toEqual(plain);
    const ofCat = (lines: readonly string[]) =>
      Number(lines.find((line) => line.startsWith('cat-00'))!.split(' ')[1]);
    expect(ofCat(mixed)).toBeGreaterThan(ofCat(plain));
    const away = await scores('a thing', '--not', 'Rex');
    expect(away).not.toEqual(plain);
    expect(away).not.toEqual(await scores('a thing', '--not', 'Rex', '--plain')); // there it is only a word
  }, 300_000);

  it('--timing says where the time goes, on stderr', async () => {
    const { code, stdout, stderr } = await polar('search', 'a thing', '--top', '1', '--timing');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const laps = stderr
      .trimEnd()
      .split('\n')
      .map((line) => /^ *(\d+) ms {2}(.+)$/.exec(line)!.slice(1));
    expect(laps.map(([, part]) => part)).toEqual([
      'start the program',
      'open the model',
      'open the index',
      'the towers',
      'search the index',
      'judge the results',
      'close the model and print',
      'in all',
    ]);
    const times = laps.map(([time]) => Number(time));
    const sum = times.slice(0, -1).reduce((total, time) => total + time, 0);
    expect(Math.abs(sum - times.at(-1)!)).toBeLessThanOrEqual(laps.length); // each is rounded
  });

  it('learns what it is not, and keeps that and its settings when photos are added', async () => {
    const not = ['--not', photo('dog/00'), photo('dog/01')];
    const settings = ['--reg-weight', '0.01', '--iterations', '50', '--seed', '3'];
    const own = [photo('dog6/00'), photo('dog6/01')];
    const first = await polar('learn', 'Bello', ...own, '--class', 'dog', ...not, ...settings);
    expect(first.stdout).toMatch(/^Bello learnt from 2 photos and 2 of what it is not in /);
    expect(first.stdout).toMatch(/\nDetails: they score above [\d.]+ % of 4 other photos, with plain /);
    const more = await polar('learn', 'Bello', photo('dog6/02'), '--add', '--not', photo('dog/02'), '--json');
    expect(JSON.parse(more.stdout)).toMatchObject({
      ...{ not: 3, regWeight: 0.01, iterations: 50, seed: 3, className: 'dog', photoHashes: { length: 3 } },
    });
    const plain = await polar('learn', 'Bello', ...own, '--class', 'dog', '--force', ...settings, '--json');
    expect(JSON.parse(plain.stdout)).toMatchObject({ not: 0 });
    const absent = await polar('learn', 'Other', ...own, '--not', join(home, 'none.jpg'));
    expect(absent).toMatchObject({ code: 1, stdout: '' });
    expect(absent.stderr).toMatch(/^polar: .*none\.jpg: no such file or folder; check the path\n$/);
  }, 300_000);

  it('refreshes all folders, lists and forgets them, and fails where something was left out by an error', async () => {
    const uri = join(home, 'folders-index');
    const [first, second] = [join(home, 'first'), join(home, 'second')];
    for (const [path, name] of [
      [first, 'can/00'],
      [second, 'cat/01'],
    ] as const) {
      await mkdir(path);
      await copyFile(photo(name), join(path, 'a.jpg'));
    }
    const run = (...args: string[]) => runPolar(home, [...args, '--index', uri]);
    expect((await run('index', first, second, '--model', TINY_CLIP)).code).toBe(0);
    await writeFile(join(first, 'clip.wmv'), 'x');
    await writeFile(Buffer.concat([Buffer.from(`${first}/`), Buffer.from([0xfc]), Buffer.from('.jpg')]), 'x');
    const refreshed = await run('index', '--model', TINY_CLIP);
    expect(refreshed).toMatchObject({
      code: 1,
      stdout: [
        `${first}: 1 photo (0 new, 1 unchanged)`,
        `${first}: left out: 1 file or folder whose name is not UTF-8, 1 video`,
        `${second}: 1 photo (0 new, 1 unchanged)`,
        '',
      ].join('\n'),
    });
    expect(refreshed.stderr).toMatch(
      /^skipped .*\.jpg: its name is not UTF-8, so it cannot be indexed; rename it\n$/,
    );
    await rename(second, join(home, 'third'));
    const { stdout } = await run('folders');
    expect(stdout).toMatch(/first: 1 photo, read 20.*, left out: .*1 video\n.*second: 1 photo, missing/);
    expect(stdout).toContain(`moved to ${join(home, 'third')}? polar index`);
    expect(await run('index', '--forget', second)).toMatchObject({
      code: 0,
      stdout: `${second}: 1 photo taken out of the index; the files stay\n`,
    });
    expect(JSON.parse((await run('folders', '--json')).stdout)).toMatchObject([{ path: first, photos: 1 }]);
    expect(await run('index', '--forget', second)).toMatchObject({ code: 1, stdout: '' });
  }, 300_000);

  it('--watch takes in what is added, changed, renamed and deleted while it runs, until Ctrl-C', async () => {
    const watched = join(home, 'watched');
    await mkdir(watched);
    await copyFile(photo('dog6/00'), join(watched, 'a.jpg'));
    await copyFile(photo('dog6/01'), join(watched, 'b.jpg'));
    const uri = join(home, 'watched-index');
    const args = ['index', watched, '--watch', '--json', '--model', TINY_CLIP, '--index', uri];
    const child = startPolar(home, args);
    let stderr = '';
    child.stderr!.on('data', (chunk) => {
      stderr += String(chunk);
    });
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    /** Waits until the runs' lines add up to this: a slow machine may take in one change in several runs. */
    const untilSum = async (wanted: Record<string, number>) => {
      const sum: Record<string, number> = Object.fromEntries(Object.keys(wanted).map((key) => [key, 0]));
      while (Object.keys(wanted).some((key) => sum[key]! < wanted[key]!)) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`polar ended: ${stderr}`);
        const run = JSON.parse(value as string) as Record<string, number>;
        for (const key of Object.keys(wanted)) sum[key]! += run[key]!;
      }
      expect(sum).toEqual(wanted);
    };
    await untilSum({ added: 2 });
    await mkdir(join(watched, 'new folder'));
    await copyFile(photo('cat/00'), join(watched, 'new folder', 'c.jpg'));
    await untilSum({ added: 1 });
    await copyFile(photo('cat/01'), join(watched, 'new folder', 'd.jpg')); // in a folder that came later
    await untilSum({ added: 1 });
    await copyFile(photo('cat/02'), join(watched, 'a.jpg'));
    await untilSum({ added: 1 });
    await rename(join(watched, 'b.jpg'), join(watched, 'new folder', 'moved.jpg'));
    await untilSum({ recognised: 1, removed: 1 });
    await rm(join(watched, 'new folder', 'c.jpg'));
    await untilSum({ removed: 1 });
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Stopped; the index is as current as the last line says.\n',
    });
    const { stdout } = await runPolar(home, [
      'index',
      watched,
      '--json',
      '--model',
      TINY_CLIP,
      '--index',
      uri,
    ]);
    expect(JSON.parse(stdout)).toMatchObject([{ found: 3, unchanged: 3, removed: 0 }]);
  }, 240_000);
});
