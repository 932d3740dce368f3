import { createHash } from 'node:crypto';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';
import type { Browser, Locator, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFindings } from '../../test/axe.ts';
import { chromiumPath, startChromium } from '../../test/chromium.ts';
import { cosine, relativeError } from '../../test/close.ts';
import { golden, goldenModel, PHOTOS, TINY_CLIP } from '../../test/data.ts';
import { writeManyPhotos } from '../../test/many-photos.ts';
import { type StaticHost, startStaticHost } from '../../test/static-host.ts';
import { readNpy } from '../benchmarks/features/npy.ts';
import { composeUpdates } from '../clip/update.ts';
import { readConcept } from '../node/concepts/concept-folder.ts';
import { learn } from '../node/learn.ts';
import { loadClip } from '../node/load-clip.ts';
import { CLIP_TOKENIZER } from '../node/model-folder.ts';
import type { probe as Probe } from './probe.fixture.ts';

declare const probe: typeof Probe;

const source = fileURLToPath(new URL('.', import.meta.url));
const REX = ['00', '01', '02'].map((name) => `dog6/${name}.jpg`);
const SECOND_OF_TWO = join(source, '../node/pixels/second.fixture.heic');
const TEXTS = ['a photo of sks dog', 'sks', 'An image of a small red backpack in the grass'];

const describeInChromium: typeof describe = (name, body) =>
  chromiumPath === undefined
    ? it.skip(`${name} (skipped: no Chromium here; install it, or set CHROMIUM_PATH)`)
    : describe(name, body);

describeInChromium('in the browser alone', () => {
  let folder: string;
  let host: StaticHost;
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-browser-'));
    await build({
      configFile: join(source, '../pages/browser/vite.config.ts'),
      logLevel: 'error',
      build: {
        outDir: join(folder, 'site'),
        rollupOptions: {
          input: [join(source, '../pages/browser/index.html'), join(source, 'probe.fixture.ts')],
          output: { entryFileNames: '[name].js' },
        },
      },
    });
    await writeFile(
      join(folder, 'site/probe.html'),
      '<script type="module" src="probe.fixture.js"></script>',
    );
    host = await startStaticHost({
      '/as/built/': join(folder, 'site'),
      '/some/path/': join(folder, 'site'),
      '/some/path/toybox/': TINY_CLIP,
      '/hub/': join(folder, 'hub'),
      '/photos/': PHOTOS,
      '/models/': goldenModel(''),
      '/golden/': golden('images'),
    });
    browser = await startChromium();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await host?.close();
    await rm(folder, { recursive: true });
  });

  /** A page of its own with the library in it. */
  async function openProbe(from: Browser = browser, site = `${host.url}/some/path`): Promise<Page> {
    const page = await from.newPage();
    page.on('pageerror', (error) => console.error(error));
    await page.goto(`${site}/probe.html`);
    await page.waitForFunction(() => 'probe' in globalThis);
    return page;
  }

  it('texts, with and without a concept, come out as in Node', async () => {
    const clip = await loadClip(TINY_CLIP);
    const A = Float32Array.from({ length: clip.width }, (_, i) => (i === 3 ? 1 : 0));
    const B = Float32Array.from({ length: clip.width }, (_, i) => Math.sin(i));
    const frozen = await clip.freezeTexts(TEXTS);
    const expected = {
      tokens: clip.tokenize(TEXTS),
      revision: clip.revision,
      plain: (await clip.encodeFrozen(frozen)).data,
      personal: (await clip.encodeFrozen(frozen, composeUpdates([{ A, B }]))).data,
    };
    await clip.close();
    const page = await openProbe();
    const found = await page.evaluate(
      async ({ texts, a, b }) => {
        const clip = await probe.loadClip('./toybox/', {
          id: 'toybox',
          device: 'wasm',
          runtimeFiles: probe.RUNTIME_FILES,
        });
        const frozen = await clip.freezeTexts(texts);
        const update = { rank: 1, A: new Float32Array(a), B: new Float32Array(b) };
        return {
          id: clip.id,
          revision: clip.revision,
          tokens: clip.tokenize(texts),
          plain: [...(await clip.encodeFrozen(frozen)).data],
          personal: [...(await clip.encodeFrozen(frozen, update)).data],
        };
      },
      { texts: TEXTS, a: [...A], b: [...B] },
    );
    expect(found.id).toBe('toybox');
    expect(found.revision).toBe(expected.revision);
    expect(found.tokens).toEqual(expected.tokens);
    expect(relativeError(found.plain, expected.plain)).toBeLessThan(1e-5);
    expect(relativeError(found.personal, expected.personal)).toBeLessThan(1e-5);
    await page.close();
  });

  it('pictures of every kind come out as in Node, within 1e-3 of the embedding', async () => {
    // The browser gives inks as RGB only, so that CMYK, which Node resamples as inks, is no part of the promise.
    const names = (await readdir(golden('images'))).filter((name) => name !== 'cmyk.jpg');
    await mkdir(join(folder, 'hub'), { recursive: true });
    // Of a red and a blue picture the blue one, the second, is the primary one.
    await copyFile(SECOND_OF_TWO, join(folder, 'hub/second.heic'));
    const paths = [
      ...names.map((name) => `golden/${name}`),
      ...REX.map((name) => `photos/${name}`),
      'hub/second.heic',
    ];
    const clip = await loadClip(TINY_CLIP);
    const files = [
      ...names.map((name) => golden(`images/${name}`)),
      ...REX.map((name) => join(PHOTOS, name)),
      SECOND_OF_TWO,
    ];
    const expected = await clip.encodeImages(files, { orientation: 'honour' });
    await clip.close();
    const page = await openProbe();
    const found = await encodeInPage(page, paths, { device: 'wasm' });
    const { dimension } = clip;
    for (const [row, path] of paths.entries()) {
      const part = (data: ArrayLike<number>) =>
        Array.from(data).slice(row * dimension, (row + 1) * dimension);
      const error = relativeError(part(found.data), part(expected.data));
      expect(error, path).toBeLessThan(1e-3);
      expect(cosine(part(found.data), part(expected.data)), path).toBeGreaterThan(1 - 1e-6);
    }
    await page.close();
  });

  it('the page as it is built has Toybox, which sees and reads as in Node', async () => {
    const clip = await loadClip('toybox');
    const expected = {
      images: (
        await clip.encodeImages(
          REX.map((name) => join(PHOTOS, name)),
          { orientation: 'honour' },
        )
      ).data,
      texts: (await clip.encodeTexts(TEXTS)).data,
      revision: clip.revision,
    };
    await clip.close();
    const page = await openProbe(browser, `${host.url}/as/built`);
    const found = await encodeInPage(
      page,
      REX.map((name) => `photos/${name}`),
      { device: 'wasm' },
    );
    expect(found.revision).toBe(expected.revision);
    expect(relativeError(found.data, expected.images)).toBeLessThan(1e-3);
    expect(relativeError(found.texts, expected.texts)).toBeLessThan(1e-3);
    await page.close();
  });

  it('WebGPU gives the same embeddings, where there is one, and computes in half precision where it can', async () => {
    const software = [
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--use-vulkan=swiftshader',
    ];
    const withGpu = await startChromium('--enable-features=Vulkan', ...software);
    try {
      const clip = await loadClip(TINY_CLIP);
      const images = (await clip.encodeImages([golden('images/photo.jpg')])).data;
      const texts = (await clip.encodeTexts(TEXTS)).data;
      await clip.close();
      const page = await openProbe(withGpu);
      const found = await encodeInPage(page, ['golden/photo.jpg']);
      expect(relativeError(found.data, images)).toBeLessThan(1e-3);
      expect(relativeError(found.texts, texts)).toBeLessThan(1e-3);
      // Chromium's software adapter has no shader-f16.
      expect(found).toMatchObject({ device: 'webgpu', precision: 'full' });
      const able = await page.evaluate(async () => {
        const { gpu } = navigator as unknown as { gpu: { requestAdapter: () => Promise<object> } };
        gpu.requestAdapter = async () => ({ features: new Set(['shader-f16']) });
        return (await probe.loadClip('./toybox/', { runtimeFiles: probe.RUNTIME_FILES })).precision;
      });
      expect(able).toBe('half');
    } finally {
      await withGpu.close();
    }
  });

  it('learns the same concept as Node', async () => {
    const clip = await loadClip(TINY_CLIP);
    const { concept, losses } = await learn(
      clip,
      'Rex',
      REX.map((name) => join(PHOTOS, name)),
      { className: 'dog' },
    );
    await clip.close();
    const page = await openProbe();
    const found = await page.evaluate(async (names) => {
      const clip = await probe.loadClip('./toybox/', { device: 'wasm', runtimeFiles: probe.RUNTIME_FILES });
      const photos = await Promise.all(names.map(async (name) => (await fetch(`/photos/${name}`)).blob()));
      const { concept, losses } = await probe.learn(clip, 'Rex', photos, { className: 'dog' });
      return { ...concept, A: [...concept.A], B: [...concept.B], losses: [...losses] };
    }, REX);
    expect(found.photoHashes).toEqual(concept.photoHashes);
    expect(found.identifier).toBe('sks dog');
    expect(relativeError(found.losses, losses)).toBeLessThan(1e-3);
    expect(relativeError(found.A, concept.A)).toBeLessThan(1e-2);
    expect(relativeError(found.B, concept.B)).toBeLessThan(1e-2);
    await page.close();
  });

  it('a model of the hub is fetched once, checked, and works without a network afterwards', async () => {
    const weights = await readFile(join(TINY_CLIP, 'model.safetensors'));
    const about = (sha256: string) => ({
      sha: 'c0ffee'.padEnd(40, '0'),
      siblings: [
        ...['config.json', 'preprocessor_config.json', 'tokenizer.json'].map((rfilename) => ({ rfilename })),
        { rfilename: 'model.safetensors', lfs: { sha256, size: weights.length } },
      ],
    });
    const api = join(folder, 'hub/api/models/org/tiny/revision');
    const files = join(folder, `hub/org/tiny/resolve/${about('').sha}`);
    await mkdir(api, { recursive: true });
    await mkdir(files, { recursive: true });
    for (const name of await readdir(TINY_CLIP)) await copyFile(join(TINY_CLIP, name), join(files, name));
    await writeFile(join(api, 'main'), JSON.stringify(about('0'.repeat(64))));
    const page = await openProbe();
    const load = (name: string) =>
      page.evaluate(async (model) => {
        const options = { endpoint: '/hub', device: 'wasm', runtimeFiles: probe.RUNTIME_FILES } as const;
        return probe.loadClip(model, options).then(
          (clip) => `${clip.id}@${clip.revision}`,
          (error: Error) => `${error.name}: ${error.message}`,
        );
      }, name);
    expect(await load('org/tiny')).toMatch(/^PolarError: .*model.safetensors: arrived damaged/);
    const hash = createHash('sha256').update(weights).digest('hex');
    await writeFile(join(api, 'main'), JSON.stringify(about(hash)));
    expect(await load('org/tiny')).toBe(`org/tiny@${about('').sha}`);

    host.requests.length = 0;
    expect(await load('org/tiny')).toBe(`org/tiny@${about('').sha}`);
    expect(host.requests.filter((path) => path.startsWith('/hub'))).toEqual([
      '/hub/api/models/org/tiny/revision/main',
    ]);
    await page.context().setOffline(true);
    expect(await load('org/tiny')).toBe(`org/tiny@${about('').sha}`);
    await page.context().setOffline(false);
    // A repository with pickles only, and the pull request of the hub's conversion service on top of it.
    const pickles = join(folder, 'hub/api/models/org/pickles');
    const bot = { num: 7, status: 'open', isPullRequest: true, author: { name: 'SFconvertbot' } };
    const converted = 'f00d'.padEnd(40, '0');
    const ofBranch = { ...about(hash), siblings: about(hash).siblings.slice(0, 3) };
    const answers = {
      'revision/main': ofBranch,
      discussions: { discussions: [{ ...bot, title: 'Adding `safetensors` variant of this model' }] },
      'commits/refs/pr/7': [{ id: converted }, { id: ofBranch.sha }],
      [`revision/${converted}`]: { ...about(hash), sha: converted },
    };
    for (const [path, answer] of Object.entries(answers)) {
      await mkdir(dirname(join(pickles, path)), { recursive: true });
      await writeFile(join(pickles, path), JSON.stringify(answer));
    }
    const resolve = join(folder, 'hub/org/pickles/resolve');
    await cp(files, join(resolve, ofBranch.sha), { recursive: true });
    await rm(join(resolve, ofBranch.sha, 'model.safetensors'));
    await mkdir(join(resolve, converted));
    await writeFile(join(resolve, converted, 'model.safetensors'), weights);
    expect(await load('org/pickles')).toBe(`org/pickles@${ofBranch.sha}`);
    await page.context().setOffline(true);
    expect(await load('org/pickles')).toBe(`org/pickles@${ofBranch.sha}`);
    await page.context().setOffline(false);
    await rm(join(pickles, 'discussions'));
    expect(await load('org/pickles')).toMatch(/^PolarError: model.safetensors missing; a model has/);

    expect(await load('org/other')).toMatch(/no such model/);
    expect(await load('no such thing')).toMatch(/no such model; give/);
    await page.close();
  });

  it('models of other families: SigLIP from a folder, OpenCLIP from the hub with the tokenizer of CLIP', async () => {
    const repository = async (name: string, from: Readonly<Record<string, string>>) => {
      const sha = createHash('sha1').update(name).digest('hex');
      const siblings = [];
      await mkdir(join(folder, `hub/${name}/resolve`, sha), { recursive: true });
      for (const [rfilename, file] of Object.entries(from)) {
        const bytes = await readFile(file);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        await writeFile(join(folder, `hub/${name}/resolve`, sha, rfilename), bytes);
        const isWeights = rfilename.endsWith('.safetensors');
        siblings.push({ rfilename, ...(isWeights ? { lfs: { sha256, size: bytes.length } } : {}) });
      }
      await mkdir(join(folder, `hub/api/models/${name}/revision`), { recursive: true });
      await writeFile(
        join(folder, `hub/api/models/${name}/revision/main`),
        JSON.stringify({ sha, siblings }),
      );
    };
    const ofOpenClip = (name: string) => goldenModel(`open_clip_custom_text/model/${name}`);
    await repository('timm/tiny', {
      'open_clip_config.json': ofOpenClip('open_clip_config.json'),
      'open_clip_model.safetensors': ofOpenClip('open_clip_model.safetensors'),
    });
    const page = await openProbe();
    const embed = (model: string, texts: readonly string[], images: readonly string[]) =>
      page.evaluate(
        async ({ model, texts, images }) => {
          const options = { endpoint: '/hub', device: 'wasm', runtimeFiles: probe.RUNTIME_FILES } as const;
          const clip = await probe.loadClip(model, { ...options, leastTable: 1 });
          const blobs = images.map(async (name) => (await fetch(`/golden/${name}`)).blob());
          const pictures = await clip.encodeImages(await Promise.all(blobs));
          const text = await clip.encodeTexts(texts);
          await clip.close();
          return { family: clip.config.family, texts: [...text.data], pictures: [...pictures.data] };
        },
        { model, texts, images },
      );
    const noTokenizer = await embed('timm/tiny', ['a'], []).catch(String);
    expect(noTokenizer).toContain("tokenizer.json is missing; put CLIP's beside the model");
    const tokenizer = join(folder, 'hub/openai/clip-vit-base-patch32/resolve/main');
    await mkdir(tokenizer, { recursive: true });
    await copyFile(CLIP_TOKENIZER, join(tokenizer, 'tokenizer.json'));

    for (const [model, name, family] of [
      ['/models/siglip/model/', 'siglip', 'siglip'],
      ['timm/tiny', 'open_clip_custom_text', 'open_clip'],
    ] as const) {
      const json = async (file: string) =>
        JSON.parse(await readFile(goldenModel(`${name}/${file}.json`), 'utf8')) as string[];
      const npy = async (file: string) => (await readNpy(goldenModel(`${name}/${file}.npy`))).data;
      const images = await json('images');
      // The browser gives inks as RGB only, and turns pictures as EXIF says.
      const rows = images.flatMap((image, row) => (/cmyk|exif/.test(image) ? [] : [row]));
      const found = await embed(
        model,
        await json('texts'),
        rows.map((row) => images[row]!),
      );
      expect(found.family).toBe(family);
      expect(relativeError(found.texts, await npy('text_embeddings'))).toBeLessThan(1e-4);
      const expected = await npy('image_embeddings');
      const width = expected.length / images.length;
      for (const [at, row] of rows.entries()) {
        const of = (data: ArrayLike<number>, place: number) =>
          Array.from(data).slice(place * width, (place + 1) * width);
        const alike = cosine(of(found.pictures, at), of(expected, row));
        // A canvas holds colours multiplied by their alpha, in bytes; SigLIP reads the colours without the alpha.
        const tolerance = images[row] === 'rgba.png' ? 1e-3 : 1e-4;
        expect(alike, `${name}: ${images[row]}`).toBeGreaterThan(1 - tolerance);
      }
    }
    // The token tables stayed at the hosts; the rows that came from a hub are kept, as the rest of the model is.
    await page.context().setOffline(true);
    const texts = JSON.parse(await readFile(goldenModel('open_clip_custom_text/texts.json'), 'utf8'));
    expect((await embed('timm/tiny', texts, [])).texts.length).toBeGreaterThan(0);
    const unseen = await embed('timm/tiny', ['zebra crossing'], []).catch(String);
    expect(unseen).toMatch(/open_clip_model.safetensors: cannot be fetched .*; check the connection/);
    await page.close();
  });

  it('the page: add photos, learn, search with and without, come back, take the concept elsewhere', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 800 }, locale: 'en-GB' });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(`${host.url}/some/path/`);
    await page.getByText('toybox is ready').waitFor();
    const photos = [
      ...['dog6', 'cat'].flatMap((thing) => ['00', '01', '02'].map((n) => `${thing}/${n}.jpg`)),
      ...['vase/00.jpg', 'vase/01.jpg', 'dog/00.jpg', 'dog/01.jpg'],
    ];
    // The models that one can choose are named, with what they are good for.
    await page.getByText('Models', { exact: true }).click();
    await page.getByRole('button', { name: 'Use ViT-B-16-SigLIP2__webli' }).waitFor();
    await page.getByText('many languages · 1,501 MB · licence apache-2.0').waitFor();
    await page.getByText('Models', { exact: true }).click();
    host.requests.length = 0;
    const notAPicture = { name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') };
    await page.getByLabel('Add photos').setInputFiles(photos.map((name) => join(PHOTOS, name)));
    await page.locator('.job').waitFor({ state: 'detached' });
    expect(await page.locator('.wall li').count()).toBe(photos.length);
    await page.getByLabel('Add photos').setInputFiles([notAPicture]);
    await page.getByText('1 file passed over').click();
    await page.getByText('fake.png: not a picture that this browser can read').waitFor();

    for (const index of [0, 1, 2]) await page.locator('.tile').nth(index).click();
    await page.getByLabel('Name').fill('Rex');
    await page.getByLabel('What it is').fill('dog');
    await page.getByRole('button', { name: 'Learn from 3 photos' }).click();
    await page.getByText('Rex learnt from 3 photos').waitFor();
    await page.getByRole('img', { name: /^Loss / }).waitFor();

    const scores = () => page.locator('.score').allTextContents();
    await page.getByRole('searchbox').fill("Rex's friend");
    await page.getByRole('searchbox').press('Enter');
    await page.locator(`[data-read="sks dog's friend"]`).waitFor();
    const personal = await scores();
    expect(personal).toHaveLength(photos.length);
    expect(personal.map(Number)).toEqual(personal.map(Number).sort((a, b) => b - a));
    await page.getByRole('switch').click();
    await page.locator(`[data-read="dog's friend"]`).waitFor();
    expect(await scores()).not.toEqual(personal);
    await page.getByRole('switch').click();
    await page.locator(`[data-read="sks dog's friend"]`).waitFor();
    expect(await scores()).toEqual(personal);
    await page
      .getByRole('button', { name: /^More like / })
      .nth(3)
      .click();
    await page.getByText('Photos like the chosen one').waitFor();
    expect((await scores())[0]).toBe('1.000');

    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download Rex' }).click();
    const zip = unzipSync(await readFile(await (await download).path()));
    const adapter = join(folder, 'Rex');
    await mkdir(adapter);
    for (const [name, bytes] of Object.entries(zip)) await writeFile(join(adapter, name), bytes);
    const concept = await readConcept(adapter);
    expect(concept).toMatchObject({ name: 'Rex', identifier: 'sks dog', modelId: 'toybox' });
    expect(concept.features?.rows).toBe(3);

    // Nothing but the page itself was asked of the host since the photos came: they stayed here.
    expect(host.requests.filter((path) => !path.startsWith('/some/path/assets/'))).toEqual([]);

    await page.reload();
    await page.getByText('toybox is ready').waitFor();
    await page.getByLabel('Add photos').setInputFiles(photos.map((name) => join(PHOTOS, name)));
    await page.locator('.job').waitFor({ state: 'detached' });
    await page.getByRole('searchbox').fill("rex's friend");
    await page.getByRole('searchbox').press('Enter');
    await page.locator(`[data-read="sks dog's friend"]`).waitFor();
    expect(await scores()).toEqual(personal);
    await page.getByRole('button', { name: 'Forget Rex' }).click();
    await page.locator(`[data-read="rex's friend"]`).waitFor();

    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect(errors).toEqual([]);
    await context.close();
  });

  it('a first visit by keyboard: sample photos, learn, search; nothing that axe finds serious', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    context.setDefaultTimeout(120_000); // many photos are read meanwhile
    const page = await context.newPage();
    /** Looks at the page as it is now, wide and light, then narrow and dark. */
    const inBothLooks = async (look: (width: number) => Promise<void>) => {
      for (const [width, colorScheme] of [
        [1280, 'light'],
        [390, 'dark'],
      ] as const) {
        await page.setViewportSize({ width, height: 800 });
        await page.emulateMedia({ colorScheme });
        await look(width);
      }
    };
    const check = () => inBothLooks(async () => expect(await seriousFindings(page)).toEqual([]));
    const focused = page.locator(':focus');
    /** Comes by the Tab key to what is there once. */
    const reach = async (wanted: Locator) => {
      await wanted.waitFor();
      await page.keyboard.press('Shift+Tab');
      for (let i = 0; i < 20 && !(await focused.and(wanted).count()); i++) await page.keyboard.press('Tab');
      expect(await focused.and(wanted).count()).toBe(1);
    };
    const press = async (name: string) => {
      const button = page.getByRole('button', { name });
      await inBothLooks(() => reach(button));
      await page.keyboard.press('Enter');
    };
    await page.goto(`${host.url}/as/built/`);
    await page.getByText('toybox is ready').waitFor();
    await check();
    await press('Try it with sample photos');
    await press('Learn from 5 photos');
    await page.getByText('Rex learnt from 5 photos').waitFor();
    await check();
    // Rows are as high as their photos, and what is in hand keeps off the edges of the window.
    const tile = (await page.locator('.tile').first().boundingBox())!;
    expect(Math.abs(tile.width - tile.height)).toBeLessThan(1);
    expect((await page.locator('.bars').boundingBox())!.x).toBeGreaterThan(8);

    await page.getByRole('searchbox').focus();
    await page.keyboard.type('Rex in the snow');
    await page.keyboard.press('Enter');
    await page.locator(`[data-read="sks dog in the snow"]`).waitFor();
    // What the search brings into sight is drawn.
    const first = page.locator('.wall img').first();
    await expect
      .poll(() => first.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBeGreaterThan(0);
    await inBothLooks(() => reach(page.getByRole('switch')));
    await page.keyboard.press('Space');
    await page.locator(`[data-read="dog in the snow"]`).waitFor();
    await check();
    await inBothLooks(async (width) => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    });
    await context.close();
  }, 300_000);

  it('a cross-origin isolated page uses all cores, and reading photos can be stopped', async () => {
    const isolated = await startStaticHost(
      { '/some/path/': join(folder, 'site'), '/some/path/toybox/': TINY_CLIP },
      { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
    );
    const page = await browser.newPage({ locale: 'en-GB' });
    await page.goto(`${isolated.url}/some/path/`);
    await page.getByText(/toybox is ready \(WebAssembly, \d+ threads\)/).waitFor();
    const many = join(folder, 'many');
    await writeManyPhotos(many, 2000); // it is stopped long before the last one, however late the click comes
    const all = (await readdir(many)).map((name) => join(many, name));
    await page.getByLabel('Add photos').setInputFiles(all);
    await page.locator('.wall li').nth(3).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.locator('.job').waitFor({ state: 'detached' });
    const count = await page.locator('.wall li').count();
    expect(count).toBeGreaterThan(3);
    expect(count).toBeLessThan(all.length);
    await page.close();
    await isolated.close();
  });
});

/** Embeddings of pictures of the host and of {@link TEXTS}, computed in the page. */
function encodeInPage(page: Page, paths: readonly string[], options: { readonly device?: 'wasm' } = {}) {
  return page.evaluate(
    async ({ paths, texts, options }) => {
      const clip = await probe.loadClip('./toybox/', { ...options, runtimeFiles: probe.RUNTIME_FILES });
      const images = await Promise.all(paths.map(async (path) => (await fetch(`/${path}`)).blob()));
      return {
        device: clip.device,
        precision: clip.precision,
        revision: clip.revision,
        data: [...(await clip.encodeImages(images)).data],
        texts: [...(await clip.encodeTexts(texts)).data],
      };
    },
    { paths, texts: TEXTS, options },
  );
}
