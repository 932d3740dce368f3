import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHOTO_COUNT, PHOTOS, TINY_CLIP } from '../../test/data.ts';
import { type Outcome, outcomeOf, runPolar, startPolar } from '../../test/polar.ts';
import { openSafetensors, readTensor, writeSafetensors } from '../node/weight-file.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'polar-cli-'));
});
afterAll(() => rm(home, { recursive: true }));

/** One clear line on stderr, nothing on stdout, exit code 1. */
function expectRefusal({ code, stdout, stderr }: Outcome, message: RegExp): void {
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^polar: [^\n]+\n$/);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
}

it('shows its version and help, and suggests the right command for a wrong one', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(await runPolar(home, ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  const help = await runPolar(home, ['--help']);
  for (const command of ['index', 'learn', 'search', 'concepts', 'models']) {
    expect(help.stdout).toContain(`\n  ${command}`);
  }
  const wrong = await runPolar(home, ['serch']);
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toBe(
    "polar: unknown command 'serch' (Did you mean search?); polar --help shows how it is used\n",
  );
  const misread = await runPolar(home, ['models', 'download']);
  expect(misread.stderr).toBe(
    "polar: missing required argument 'model'; polar models download --help shows how it is used\n",
  );
});

it('without a model, a library or a concept, says what to do', async () => {
  expectRefusal(await runPolar(home, ['search', ' ']), /nothing to search for; say what the photo shows/);
  expectRefusal(
    await runPolar(home, ['search', 'x', '--model', 'nothing']),
    /nothing: no such model; give a folder/,
  );
  expectRefusal(await runPolar(home, ['concepts', 'show', 'Rex']), /no concept "Rex"; learn one/);
  expectRefusal(
    await runPolar(home, ['models', 'download', 'ViT-B/32']),
    /HF_HUB_OFFLINE forbids to fetch it; run "polar models download ViT-B\/32" where there is a network/,
  );
  expect((await runPolar(home, ['models', '--json'])).stdout).toContain('"models": []');
});

describe('indexing, learning and searching', () => {
  beforeAll(async () => {
    const indexed = await runPolar(home, ['index', PHOTOS, '--model', TINY_CLIP, '--json']);
    expect(indexed).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(indexed.stdout)).toMatchObject([
      { found: PHOTO_COUNT, added: PHOTO_COUNT, skipped: [] },
    ]);
  });

  it('a second run reads nothing; the model is remembered by the library', async () => {
    const again = await runPolar(home, ['index', PHOTOS]);
    expect(again).toMatchObject({
      code: 0,
      stdout: `${PHOTOS}: ${PHOTO_COUNT} photos (0 new, ${PHOTO_COUNT} unchanged)\n`,
    });
  });

  it('learns a thing, shows whether it worked, and finds it by name in any case', async () => {
    const photos = [0, 1, 2].map((i) => join(PHOTOS, 'dog6', `0${i}.jpg`));
    // Colours are for terminals, not for build servers.
    const learnt = await runPolar(home, ['learn', 'Rex', ...photos, '--class', 'dog'], { CI: '1' });
    expect(learnt.code).toBe(0);
    expect(learnt.stdout).toMatch(/^Rex learnt from 3 photos in [\d.]+ s: loss [\d.]+ to [\d.]+\n/);
    expect(learnt.stdout).toMatch(
      /\n(Very good|Fair|Poor): \d of 3 photos are found when Rex is learnt from the others\n/,
    );
    expect(learnt.stdout).not.toContain('sks');
    expect(learnt.stderr.match(/step \d+: loss/g)).toHaveLength(5);

    const found = await runPolar(home, [
      'search',
      'a',
      'photo',
      'of',
      "REX's",
      'bed',
      '--top',
      '3',
      '--json',
    ]);
    const result = JSON.parse(found.stdout) as {
      text: string;
      concepts: string[];
      photos: { score: number }[];
    };
    expect(result).toMatchObject({ text: "a photo of sks dog's bed", concepts: ['Rex'] });
    expect(result.photos).toHaveLength(3);
    const plain = await runPolar(home, ['search', "a photo of REX's bed", '--plain', '--json']);
    expect(JSON.parse(plain.stdout)).toMatchObject({ concepts: [], text: "a photo of dog's bed" });

    const again = await runPolar(home, ['learn', 'rex', ...photos]);
    expectRefusal(again, /there is a concept "rex" already; choose another name, learn it again \(--force\)/);
    const exact = [
      'learn',
      'rex',
      join(PHOTOS, 'dog6'),
      '--force',
      '--forward',
      'exact',
      '--iterations',
      '20',
    ];
    const forced = await runPolar(home, [...exact, '--json']);
    expect(JSON.parse(forced.stdout)).toMatchObject({ forward: 'exact', iterations: 20, name: 'Rex' });
  });

  it('a photo that is missing is said to be missing, a broken one is skipped with a line', async () => {
    const [first, second] = ['dog/00.jpg', 'dog/01.jpg'].map((name) => join(PHOTOS, name)) as [
      string,
      string,
    ];
    const missing = join(home, 'nowhere', 'rex.jpg');
    expectRefusal(
      await runPolar(home, ['learn', 'Lost', missing, '--model', TINY_CLIP]),
      /rex\.jpg: no such file or folder; check the path/,
    );
    const broken = join(home, 'broken.jpg');
    await writeFile(broken, 'no picture');
    const learnt = await runPolar(home, ['learn', 'Kept', first, broken, second, '--model', TINY_CLIP]);
    expect(learnt).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Kept learnt from 2 photos/) });
    expect(learnt.stderr).toMatch(/^skipped .*broken\.jpg: not a picture/m);
    const alone = await runPolar(home, ['learn', 'Lost', first, broken, '--model', TINY_CLIP]);
    expect(alone.stderr).toMatch(/"Lost": 1 photo of 2 that can be read, expected at least 2/);

    const zip = join(home, 'Kept.zip');
    await runPolar(home, ['concepts', 'export', 'Kept', zip]);
    expect((await readFile(zip)).subarray(0, 2).toString()).toBe('PK');
    const brought = await runPolar(home, ['concepts', 'import', 'Brought', zip, '--json']);
    expect(JSON.parse(brought.stdout)).toMatchObject({ name: 'Brought', photos: 2 });
    for (const name of ['Kept', 'Brought']) await runPolar(home, ['concepts', 'remove', name]);
  });

  it('learns further, from a part of a photo, and warns of photos that teach nothing', async () => {
    const photo = (name: string) => join(PHOTOS, name);
    await runPolar(home, ['learn', 'Fido', photo('dog/00.jpg'), photo('dog/01.jpg'), '--model', TINY_CLIP]);
    const part = `${photo('dog/02.jpg')}#xywh=20,25,150,200`;
    const more = await runPolar(home, ['learn', 'fido', part, '--add', '--model', TINY_CLIP, '--json']);
    expect(JSON.parse(more.stdout)).toMatchObject({ name: 'Fido', photoHashes: { length: 3 } });
    const twice = await runPolar(home, ['learn', 'fido', photo('dog/01.jpg'), '--add', '--model', TINY_CLIP]);
    expect(twice.stderr).toMatch(/its earlier photo 2 and .*01\.jpg are nearly the same picture/);
    const outside = `${photo('dog/02.jpg')}#xywh=300,0,150,200`;
    expectRefusal(
      await runPolar(home, ['learn', 'fido', outside, '--add', '--model', TINY_CLIP]),
      /02\.jpg: the box 300,0,150,200 does not lie inside/,
    );
    await runPolar(home, ['concepts', 'remove', 'fido']);
    expectRefusal(await runPolar(home, ['learn', 'fido', part, '--add']), /no concept "fido"/);
  });

  it('prints paths alone into a pipe, whose end may close early', async () => {
    const found = await runPolar(home, ['search', 'a dog', '--top', String(PHOTO_COUNT)]);
    expect(found.stderr).toBe('');
    const paths = found.stdout.trimEnd().split('\n');
    expect(new Set(paths).size).toBe(PHOTO_COUNT);
    for (const path of paths.slice(0, 5)) expect((await stat(path)).isFile()).toBe(true);
    const child = startPolar(home, ['search', 'a dog', '--top', String(PHOTO_COUNT)]);
    child.stdout!.destroy();
    child.stdout = null;
    child.stderr!.resume();
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(0);
  });

  it('writes a page of pictures', async () => {
    const file = join(home, 'page.html');
    const run = await runPolar(home, ['search', 'a dog', '--top', '4', '--html', file]);
    expect(run).toMatchObject({ code: 0, stderr: `Page written: ${file}\n` });
    expect((await readFile(file, 'utf8')).match(/<img /g)).toHaveLength(4);
  });

  it('search opens the text tower only, index the image tower only', async () => {
    const onlyText = join(home, 'only-text');
    const onlyImages = join(home, 'only-images');
    for (const [directory, prefix] of [
      [onlyText, 'text_'],
      [onlyImages, 'vis'],
    ] as const) {
      await cp(TINY_CLIP, directory, { recursive: true, filter: (path) => !path.endsWith('.safetensors') });
      const { tensors } = await openSafetensors(join(TINY_CLIP, 'model.safetensors'));
      const part: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
      for (const [name, info] of tensors) {
        // The family is known by a tensor of the image tower, a few numbers.
        const isKept = name.startsWith(prefix) || name === 'vision_model.pre_layrnorm.weight';
        if (isKept) part[name] = { shape: info.shape, data: await readTensor(info) };
      }
      await writeSafetensors(join(directory, 'model.safetensors'), part);
    }
    const photos = join(PHOTOS, 'dog6');
    expect((await runPolar(home, ['index', photos, '--model', onlyImages])).code).toBe(0);
    expectRefusal(
      await runPolar(home, ['search', 'x', '--model', onlyImages]),
      /tensor text_model.* is missing/,
    );
    expectRefusal(
      await runPolar(home, ['index', photos, '--model', onlyText]),
      /tensor vision_model.* is missing/,
    );
    expectRefusal(
      await runPolar(home, ['search', 'x', '--model', onlyText]),
      /no photos are indexed with .*only-text/,
    ); // the sentence was encoded before the library was asked
  });

  it('a concept is shown, renamed, exported, imported and removed', async () => {
    await runPolar(home, ['learn', 'Tom', join(PHOTOS, 'cat'), '--class', 'cat', '--model', TINY_CLIP]);
    const shown = await runPolar(home, ['concepts', 'show', 'TOM', '--json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ identifier: 'sks cat', photos: 3, seed: 0, width: 32 });
    expect((await runPolar(home, ['concepts', 'Tom', '--json'])).stdout).toBe(shown.stdout);
    expect((await runPolar(home, ['concepts', 'rename', 'tom', 'Tommy'])).code).toBe(0);
    const pt = join(home, 'tommy.pt');
    const folder = join(home, 'tommy');
    expect((await runPolar(home, ['concepts', 'export', 'Tommy', pt])).code).toBe(0);
    expect((await runPolar(home, ['concepts', 'export', 'Tommy', folder])).code).toBe(0);
    expectRefusal(await runPolar(home, ['concepts', 'export', 'Tommy', folder]), /exists already/);
    expect((await runPolar(home, ['concepts', 'import', 'Two', folder])).code).toBe(0);
    expect((await runPolar(home, ['concepts', 'import', 'Three', pt, '--model', TINY_CLIP])).code).toBe(0);
    const [two, three] = await Promise.all(
      ['Two', 'Three'].map(
        async (name) => (await runPolar(home, ['search', `${name} here`, '--model', TINY_CLIP])).stdout,
      ),
    );
    expect(two).toBe(three);
    // As Python's peft writes one by itself: no metadata, no revision; --model says which state it was.
    const foreign = join(home, 'foreign');
    await cp(folder, foreign, { recursive: true });
    const configFile = join(foreign, 'adapter_config.json');
    const config = JSON.parse(await readFile(configFile, 'utf8')) as object;
    await writeFile(configFile, JSON.stringify({ ...config, revision: null }));
    const weights = join(foreign, 'adapter_model.safetensors');
    const { tensors } = await openSafetensors(weights);
    const update: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
    for (const [name, info] of tensors) update[name] = { shape: info.shape, data: await readTensor(info) };
    await writeSafetensors(weights, update);
    const four = await runPolar(home, [
      'concepts',
      'import',
      'Four',
      foreign,
      '--model',
      TINY_CLIP,
      '--json',
    ]);
    expect(JSON.parse(four.stdout)).toMatchObject({
      name: 'Four',
      modelId: TINY_CLIP,
      identifier: 'sks',
      layer: 11,
    });
    expect((await runPolar(home, ['search', 'Four', '--model', TINY_CLIP])).code).toBe(0);
    for (const name of ['Two', 'Three', 'Four', 'Tommy']) {
      expect((await runPolar(home, ['concepts', 'remove', name])).code).toBe(0);
    }
    expectRefusal(await runPolar(home, ['concepts', 'remove', 'Two']), /no concept "Two"/);
  });

  it('a damaged concept is named and never hides the others; a filter that fits nothing says so', async () => {
    await runPolar(home, ['learn', 'Sound', join(PHOTOS, 'vase'), '--model', TINY_CLIP]);
    await mkdir(join(home, 'concepts', 'broken'));
    const found = await runPolar(home, ['search', 'sound', '--top', '2', '--null', '--model', TINY_CLIP]);
    expect(found.code).toBe(0);
    expect(found.stderr).toMatch(
      /^skipped a damaged concept: .*broken.*; polar concepts remove "broken" deletes it\nRecognised: Sound\n$/,
    );
    expect(found.stdout.split('\0')).toHaveLength(3);
    await rm(join(home, 'concepts', 'broken'), { recursive: true });
    const none = await runPolar(home, [
      'search',
      'sound',
      '--in',
      join(home, 'nowhere'),
      '--model',
      TINY_CLIP,
    ]);
    expect(none).toMatchObject({ code: 0, stdout: '' });
    expect(none.stderr).toMatch(
      /^No indexed photo fits --in, --near, --after and --before \(\d+ photos are indexed\)\.\nRecognised: Sound\n$/,
    );
    await runPolar(home, ['concepts', 'remove', 'sound']);
    const file = join(home, 'a-file');
    await writeFile(file, '');
    expectRefusal(
      await runPolar(file, ['concepts']),
      /a-file.concepts: cannot be read \(ENOTDIR\); check POLAR_HOME/,
    );
  });

  it('a concept of another model is refused with the remedy', async () => {
    await runPolar(home, ['learn', 'Alien', join(PHOTOS, 'can'), '--model', TINY_CLIP]);
    const copy = join(home, 'copy');
    await cp(TINY_CLIP, copy, { recursive: true });
    await runPolar(home, ['index', join(PHOTOS, 'can'), '--model', copy]);
    expectRefusal(
      await runPolar(home, ['search', 'alien', '--model', copy]),
      /"Alien" was learnt with .*tiny-clip@\w+, the model in use is .*copy@\w+; use --model/,
    );
    await runPolar(home, ['concepts', 'remove', 'Alien']);
  });

  it('a model with damaged weights teaches nothing', async () => {
    const damaged = join(home, 'damaged');
    await cp(TINY_CLIP, damaged, { recursive: true });
    const file = join(damaged, 'model.safetensors');
    const { tensors } = await openSafetensors(file);
    const bytes = await readFile(file);
    bytes.writeFloatLE(Number.NaN, tensors.get('text_projection.weight')!.offset);
    await writeFile(file, bytes);
    expectRefusal(
      await runPolar(home, ['learn', 'Broken', join(PHOTOS, 'can'), '--model', damaged]),
      /damaged: training step 1 gives a loss that is not finite/,
    );
    expectRefusal(await runPolar(home, ['concepts', 'show', 'Broken']), /no concept "Broken"/);
  });

  it('bad input to learn leaves no concept behind', async () => {
    const bad = join(home, 'bad.jpg');
    await writeFile(bad, 'x');
    const good = join(PHOTOS, 'dog', '00.jpg');
    await mkdir(join(home, 'empty'), { recursive: true });
    const cases: [string[], RegExp][] = [
      [[good], /"New": 1 photo, expected at least 2; give about five photos/],
      [[join(home, 'empty')], /"New": 0 photos, expected at least 2/],
      [[good, join(home, 'none.jpg')], /none\.jpg: no such file/],
    ];
    for (const [photos, message] of cases) {
      expectRefusal(await runPolar(home, ['learn', 'New', ...photos, '--model', TINY_CLIP]), message);
    }
    expectRefusal(await runPolar(home, ['learn', '../x', good, good]), /the name "..\/x" cannot be used/);
    expectRefusal(
      await runPolar(home, ['index', join(home, 'empty'), '--model', TINY_CLIP]),
      /no photos found/,
    );
    expectRefusal(
      await runPolar(home, ['index', join(home, 'none'), '--model', TINY_CLIP]),
      /no such folder/,
    );
    const wrong = await runPolar(home, ['learn', 'New', good, good, '--iterations', '0']);
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/'--iterations <n>' argument '0' is invalid. expected a number from 1/);
    const names = (await readdir(join(home, 'concepts'))).map((name) => decodeURIComponent(name));
    expect(names).not.toContain('new');
    expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('Ctrl-C keeps what is done, and the next run goes on', async () => {
    const folder = join(home, 'many');
    await mkdir(folder, { recursive: true });
    const source = await readFile(join(PHOTOS, 'dog6', '00.jpg'));
    for (let i = 0; i < 600; i++) {
      await writeFile(join(folder, `${i}.jpg`), Buffer.concat([source, Buffer.from([i, i >> 8])]));
    }
    const uri = join(home, 'interrupted');
    const child = startPolar(home, ['index', folder, '--model', TINY_CLIP, '--index', uri]);
    const ended = outcomeOf(child);
    const dataFiles = async () =>
      (await readdir(uri, { recursive: true }).catch(() => [])).filter((name) =>
        /^photos_\w+\.lance.data.\w+\.lance$/.test(name),
      ).length;
    while ((await dataFiles()) < 1) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: 'polar: stopped; what was done is kept, run the same command again to go on\n',
    });
    const resumed = await runPolar(home, ['index', folder, '--model', TINY_CLIP, '--index', uri, '--json']);
    const [summary] = JSON.parse(resumed.stdout) as { added: number; unchanged: number; found: number }[];
    expect(summary!.found).toBe(600);
    expect(summary!.unchanged).toBeGreaterThan(0);
    expect(summary!.added).toBe(600 - summary!.unchanged);
    expect(summary!.added).toBeGreaterThan(0);
  });
});
