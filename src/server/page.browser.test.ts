import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp } from '../../test/app.ts';
import { chromiumPath, startChromium } from '../../test/chromium.ts';
import { builtPage } from '../../test/program.ts';
import { hasToybox } from '../node/hub/fetch-model.ts';
import { type RunningServer, readPageFiles } from './index.ts';
import { expectAccessible } from './page.fixture.ts';

const isPossible = chromiumPath !== undefined && (await hasToybox());
const NARROW = { width: 390, height: 844 };

if (!isPossible) it.skip('the page (skipped: it needs Chromium, CHROMIUM_PATH, and Toybox)');

describe.runIf(isPossible)('the page', () => {
  let folder: string;
  let own: string;
  let files: Awaited<ReturnType<typeof readPageFiles>>;
  let browser: Browser;
  let app: RunningServer;
  const errors: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-page-'));
    files = await readPageFiles(builtPage('app'));
    own = join(folder, 'my photos');
    await mkdir(own);
    for (let i = 1; i <= 8; i++) {
      const create = {
        width: 200 + i,
        height: 200,
        channels: 3,
        background: { r: 25 * i, g: 90, b: 120 },
      } as const;
      await sharp({ create })
        .jpeg()
        .toFile(join(own, `own-${i}.jpg`));
    }
    await copyFile(join(own, 'own-8.jpg'), join(own, 'own-9.jpg'));
    await writeFile(join(own, 'broken.jpg'), 'not a picture');
    await writeFile(join(own, 'clip.wmv'), 'a video');
    browser = await startChromium();
    app = await startApp(join(folder, 'home'), files);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A visitor of the app; what goes wrong in the console is collected. */
  async function visit(options: BrowserContextOptions = {}, path = '/'): Promise<[Page, BrowserContext]> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      ...options,
    });
    await context.addInitScript(`
      globalThis.moves = 0;
      const { animate } = Element.prototype;
      Element.prototype.animate = function (...how) { moves++; return animate.apply(this, how); };
    `);
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      // Refusals are told by their address instead, below.
      const isRefusal = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isRefusal) errors.push(message.text());
    });
    page.on('response', (response) => {
      if (response.status() >= 400) errors.push(`${response.status()} ${new URL(response.url()).pathname}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(app.url)) errors.push(`a request to ${request.url()}`);
    });
    await page.goto(app.url + path);
    return [page, context];
  }

  const button = (page: Page | Locator, name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  /** Names of the first photos of the wall, in order. */
  const order = async (page: Page): Promise<string[]> => {
    await page.locator('.photo').nth(11).waitFor();
    const labels = await page
      .locator('.photo')
      .evaluateAll((photos) => photos.map((photo) => photo.getAttribute('aria-label')!.split(',')[0]!));
    return labels.slice(0, 12);
  };
  const reading = (page: Page, text: string) => page.locator(`[data-read="${text}"]`).waitFor();

  it('first start: nothing is there; an own folder is chosen, read, and what was passed over is listed', async () => {
    const [page, context] = await visit();
    await page.getByRole('heading', { name: 'Find your own things' }).waitFor();
    const drawn =
      '[...document.querySelectorAll(".welcome img")].filter((image) => image.naturalWidth > 0).length';
    await expect.poll(() => page.evaluate(drawn)).toBe(6); // three steps, and Rex, Mimi and Bolt
    await expectAccessible(page);
    await button(page, 'Add a folder of photos').click();
    const dialog = page.getByRole('dialog', { name: 'Add photos' });
    await dialog.getByLabel('Folder', { exact: true }).fill(join(folder, 'nowhere'));
    await dialog.getByRole('alert').getByText('no such folder; check the path').waitFor();
    expect(await button(dialog, 'Add this folder').isDisabled()).toBe(true);
    // Typed, and not only listed: what stands in the field is what is added.
    await dialog.getByLabel('Folder', { exact: true }).fill(own);
    await dialog.getByText('10 photos in it itself').waitFor();
    await expectAccessible(page);
    await button(dialog, 'Add this folder').click();
    await dialog.waitFor({ state: 'detached' });
    const bar = page.getByRole('region', { name: 'Work in hand' });
    await bar.getByText('my photos: 10 photos (9 new, 0 known); 1 passed over; left out: 1 video').waitFor();
    await bar.getByText('1 file passed over').click();
    await bar.getByText('broken.jpg: not a picture').waitFor();
    expect(await page.locator('.photo').count()).toBe(9);
    await page.reload();
    await page.getByText('1 photo cannot be read; left out: 1 video', { exact: true }).click();
    await page.getByText('broken.jpg: not a picture').waitFor();
    await expectAccessible(page);
    await button(page, 'More like own-9.jpg').click();
    await page.getByText('2 copies').waitFor();
    await page.getByText(/^\d of 8 photos fit/).waitFor(); // a copy has no place of its own
    await context.close();
  });

  it('the Toybox comes by one button, and its work can be stopped and taken up again', async () => {
    const [page, context] = await visit();
    await button(page, 'Add photos').click();
    await button(page, 'Add the Toybox').click();
    await button(page, 'Stop').click();
    await page.getByText('Stopped; what was done is kept.').waitFor();
    await button(page, 'Add photos').click();
    await button(page, 'Add the Toybox').click();
    await page.getByText(/^library: 226 photos/).waitFor({ timeout: 300_000 });
    await page.getByText(/^235 photos$/).waitFor();
    await button(page, 'Teach Mimi').waitFor();
    await button(page, 'Teach Bolt').waitFor();
    await expectAccessible(page);
    await context.close();
  }, 400_000);

  it('a thing is taught with a live curve, found by its name, and the switch reorders the wall', async () => {
    const [page, context] = await visit();
    await button(page, 'Teach a thing').first().click();
    await button(page, 'Rex, a dog').waitFor();
    await button(page, 'Teach Rex').click(); // as quickly, from the row above the wall
    expect(await page.getByLabel('Name').inputValue()).toBe('Rex');
    await button(page, 'Learn from 5 photos').click();
    await page.getByText(/^step \d+ of 500$/).waitFor();
    await page.getByText(/learnt from 5 photos in/).waitFor();
    await page.getByText('step 500 of 500').waitFor();
    await page.getByText(/5 of 5 photos are found when Rex is learnt from the others/).waitFor();
    expect(await button(page, 'Teach Rex').count()).toBe(0);
    await button(page, 'Find Rex').click();
    await reading(page, 'sks dog');

    await page.getByRole('searchbox').fill("Rex's friend in the snow");
    await reading(page, "sks dog's friend in the snow");
    expect(await page.locator('.marks mark').textContent()).toBe('Rex');
    await expectAccessible(page);
    const withRex = await order(page);
    expect(withRex).toHaveLength(12);
    await page.getByRole('switch', { name: 'With Rex' }).click();
    await reading(page, "dog's friend in the snow");
    const without = await order(page);
    expect(without).not.toEqual(withRex);
    expect(await page.evaluate('moves')).toBeGreaterThan(5);
    await page.getByRole('switch', { name: 'Without Rex' }).click();
    await reading(page, "sks dog's friend in the snow");
    expect(await order(page)).toEqual(withRex);
    await page.locator('img.strong').first().waitFor();
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await page.locator('img.weak').first().waitFor();
    await context.close();
  }, 180_000);

  it('photos from elsewhere and from the wall teach as well; two things are asked for together', async () => {
    const [page, context] = await visit();
    await button(page, 'Teach a thing').first().click();
    const pictures = Array.from({ length: 2 }, (_, i) => join(own, `own-${i + 1}.jpg`));
    await page.getByLabel('From files').setInputFiles([...pictures, join(own, 'broken.jpg')]);
    await page
      .getByText(/^broken.jpg: not a picture/)
      .first()
      .waitFor();
    await page.locator('.photo').nth(3).click();
    expect(await page.locator('.photo').nth(3).getAttribute('aria-pressed')).toBe('true');
    await page.getByLabel('Name').fill('Little Zoë');
    await button(page, 'Learn from 3 photos').click();
    await button(page, 'Find Little Zoë').click();
    await page.getByRole('searchbox').fill('Rex with Little Zoë');
    await page.getByRole('switch', { name: 'With Rex and Little Zoë' }).waitFor();
    await reading(page, 'sks dog with sks');
    expect(await page.locator('.marks mark').count()).toBe(2);
    await page.getByRole('searchbox').fill('rex');
    await button(page, 'Teach').or(button(page, 'Teach a thing')).first().click();
    await page.getByLabel('Name').fill('rex');
    await page.getByText('Rex is known, from 5 photos').waitFor();
    await context.close();
  }, 120_000);

  it('more like this, not this: chips that can be taken away', async () => {
    const [page, context] = await visit();
    // Of the two copies of one picture, which are the newest, a search shows one.
    const first = (await order(page)).find((name) => !/^own-[89]/.test(name))!;
    await button(page, `More like ${first}`).click();
    await page.getByText(/fits?, in \d+ ms$|None of/).waitFor();
    await expect.poll(async () => (await order(page))[0]).toBe(first);
    const second = (await order(page))[1]!;
    await button(page, `Not like ${second}`).click();
    await button(page, 'Not like this photo: forget').waitFor();
    await button(page, 'Like this photo: forget').click();
    await page.getByText('“not like” counts once you search').waitFor();
    await button(page, 'Not like this photo: forget').click();
    await page.getByText(/^235 photos$/).waitFor();
    await context.close();
  });

  it('by keyboard: through the wall, into the full view, through the photos and back', async () => {
    const [page, context] = await visit();
    const names = await order(page);
    const label = () => page.evaluate<string>('document.activeElement.getAttribute("aria-label")');
    await page.locator('.photo').first().focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(label).toBe(names[1]);
    await page.keyboard.press('End');
    await expect.poll(() => page.evaluate('scrollY')).toBeGreaterThan(2000);
    await expect.poll(label).not.toBe(names[1]);
    await page.keyboard.press('Home');
    await expect.poll(label).toBe(names[0]);
    await page.keyboard.press('Enter');
    const view = page.getByRole('dialog', { name: 'Full view' });
    await view.getByText(`${names[0]}, 1 of 235`).waitFor();
    await page.keyboard.press('ArrowRight');
    await view.getByText(`${names[1]}, 2 of 235`).waitFor();
    await view.getByText(own).waitFor();
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.matches("body, .viewer, .viewer *")')).toBe(true);
    }
    await expectAccessible(page);
    await page.reload();
    await view.getByText(`${names[1]}, 2 of 235`).waitFor();
    await page.keyboard.press('l');
    await view.waitFor({ state: 'detached' });
    await button(page, 'Like this photo: forget').waitFor();
    await page.locator('.photo').first().press('Enter');
    await page.keyboard.press('Escape');
    await page.locator('.viewer').waitFor({ state: 'detached' }); // not only closed, which its role is blind to
    // Open before the next event of the page, so that no key is too early, however slow the machine.
    const open =
      "new Promise((done) => (document.querySelector('.photo').click(), setTimeout(() => done(document.querySelector('.viewer')?.open))))";
    expect(await page.evaluate(open)).toBe(true);
    await context.close();
  });

  it('a reload keeps the search, and "back" leads to what was before; nothing moves for who wants no motion', async () => {
    const [page, context] = await visit({ reducedMotion: 'reduce' });
    await page.getByRole('searchbox').fill('Rex at the beach');
    await reading(page, 'sks dog at the beach');
    await page.getByRole('switch').click();
    await reading(page, 'dog at the beach');
    expect(await page.title()).toBe('Rex at the beach · POLAR');
    expect(await page.evaluate('moves')).toBe(0);
    const before = await order(page);
    await page.reload();
    await reading(page, 'dog at the beach');
    expect(await page.getByRole('searchbox').inputValue()).toBe('Rex at the beach');
    expect(await page.getByRole('switch').isChecked()).toBe(false);
    await expect.poll(() => order(page)).toEqual(before);
    await page.goBack();
    await page.getByText(/^235 photos$/).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
    await context.close();
  });

  it('the page of a thing: its photos and quality, renamed, downloaded, deleted, brought back', async () => {
    const [page, context] = await visit();
    await button(page, 'About Rex').click();
    await page.getByRole('heading', { name: 'Rex' }).waitFor();
    await page.getByText(/5 of 5 photos are found when Rex is learnt from the others/).waitFor();
    expect(await page.locator('.examples img').count()).toBe(5);
    await expectAccessible(page);
    await page.getByLabel('It is called').fill('Bella');
    await button(page, 'Rename').click();
    await page.getByRole('heading', { name: 'Bella' }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the adapter' }).click();
    const zip = join(folder, 'Bella.zip');
    await (await download).saveAs(zip);
    expect(Object.keys(unzipSync(await readFile(zip)))).toContain('adapter_model.safetensors');
    await button(page, 'Delete').click(); // below the daily buttons
    await page.getByRole('dialog', { name: 'Forget Bella?' }).waitFor();
    await expectAccessible(page);
    await button(page, 'Delete Bella').click();
    await button(page, 'About Bella').waitFor({ state: 'detached' });
    await page.getByText(/^235 photos$/).waitFor();
    await button(page, 'Undo').click();
    await page.getByRole('heading', { name: 'Bella' }).waitFor();
    await button(page, 'Is this Bella? Review').click();
    const review = page.getByRole('dialog', { name: 'Is this Bella?' });
    await review.getByText('1 of 10:').waitFor();
    await page.keyboard.press('y');
    await page.keyboard.press('n');
    await review.getByText('3 of 10:').waitFor();
    // Keys that come before the page has drawn the one before count too.
    const pressTwice = (key: string) =>
      page.evaluate(
        `for (let i = 0; i < 2; i++) document.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}' }))`,
      );
    await pressTwice('s');
    await review.getByText('5 of 10:').waitFor();
    await pressTwice('Backspace');
    await review.getByText('3 of 10:').waitFor();
    await expectAccessible(page);
    await button(review, 'Learn again from 2 answers').click();
    await page.getByText('learnt from 6 photos').waitFor();
    await button(page, /^Take out .* and learn again$/)
      .first()
      .click();
    await page.getByText('learnt from 5 photos').waitFor();
    await button(page, 'Delete').click();
    await button(page, 'Delete Bella').click();
    await page.getByText(/^235 photos$/).waitFor();
    await page.getByLabel('Import').setInputFiles(zip);
    await page.getByRole('heading', { name: 'Bella' }).waitFor();
    await context.close();
  });

  it('on a phone nothing is wider than the screen, in light and in dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const path of ['/', '/#q=Bella+in+the+snow', '/#concept=Bella']) {
        const [page, context] = await visit({ viewport: NARROW, colorScheme, hasTouch: true }, path);
        await page.locator('.photo, .concept .quality').first().waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(390);
        await expectAccessible(page, colorScheme);
        if (path === '/') {
          await button(page, 'Teach a thing').first().click();
          await expectAccessible(page, colorScheme);
        }
        expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(390);
        await context.close();
      }
    }
  }, 120_000);

  it('nothing went wrong but the folder that is not there, and nothing was asked of other hosts', () => {
    expect(errors).toEqual(['400 /api/folders']);
  });
});
