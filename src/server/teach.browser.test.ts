import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../test/chromium.ts';
import { indexPhotos } from '../library/index-photos.ts';
import { expectAccessible, openTestPage, type TestPage } from './page.fixture.ts';

// Twelve of June 2020 in one folder, newest first; six more in another.
const PHOTOS = Array.from({ length: 12 }, (_, i): [string, number] => [
  `${String(i).padStart(2, '0')}.jpg`,
  Date.UTC(2020, 5, 20 - i, 12),
]);

if (chromiumPath === undefined) it.skip('the app (skipped: it needs Chromium, CHROMIUM_PATH)');

describe.runIf(chromiumPath !== undefined)('the app', () => {
  let app: TestPage;
  let other: string;
  beforeAll(async () => {
    app = await openTestPage(PHOTOS);
    other = join(app.server.home, 'newer');
    await mkdir(other);
    for (let i = 0; i < 6; i++) {
      const create = {
        width: 300,
        height: 200,
        channels: 3,
        background: { r: 40 * i, g: 20, b: 200 },
      } as const;
      await sharp({ create })
        .jpeg()
        .toFile(join(other, `new-${i}.jpg`));
    }
    await indexPhotos(app.server.context.store, app.server.context.clip, other);
    await app.server.context.library.refresh();
  }, 120_000);
  afterAll(() => app?.close());

  const button = (page: Page | Locator, name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' });
  const openPanel = (page: Page) => button(page, 'Teach a thing').first().click();
  const photo = (page: Page, name: string) => page.locator(`.photo[aria-label^="${name}"]`);
  const names = (page: Page): Promise<string[]> =>
    page
      .locator('.photo')
      .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')!.split(',')[0]!));
  const scores = (page: Page): Promise<string[]> => page.locator('.tile > .score').allTextContents();

  it('the app narrows the wall down by days and by folder, keeps that over a reload, and clears it', async () => {
    const [page, context] = await app.visit();
    await page.getByText(/^18 photos$/).waitFor();
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('From', { exact: true }).fill('2020-06-10');
    await page.getByLabel('To', { exact: true }).fill('2020-06-12');
    await page.getByText(/^3 photos$/).waitFor();
    await expect.poll(() => names(page)).toEqual(['08.jpg', '09.jpg', '10.jpg']);
    await page.reload();
    await page.getByText(/^3 photos$/).waitFor();
    await expectAccessible(page);
    await page.getByLabel('In folder').selectOption(other);
    await page.getByText(/^0 photos$/).waitFor();
    await button(page, 'Clear').click();
    await page.getByText(/^18 photos$/).waitFor();
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('In folder').selectOption(other);
    await page.getByText(/^6 photos$/).waitFor();
    await page.getByRole('searchbox').fill('a dog');
    await page.getByText(/^(\d|None) of 6 photos fits?/).waitFor();
    await expect.poll(async () => (await names(page)).every((name) => name.startsWith('new-'))).toBe(true);
    await context.close();
  });

  it('the app asks for what should not be there as a chip, which changes the scores until it is taken away', async () => {
    const [page, context] = await app.visit({}, '/#q=a+dog');
    await page.locator('.tile > .score').first().waitFor();
    const before = await scores(page);
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('Not showing').fill('snow');
    await page.keyboard.press('Enter');
    await button(page, 'Not snow: forget').waitFor();
    await expect.poll(() => scores(page)).not.toEqual(before);
    expect(page.url()).toContain('without=snow');
    await button(page, 'Not snow: forget').click();
    await expect.poll(() => scores(page)).toEqual(before);
    await context.close();
  });

  it('Escape hides the panel and keeps the chosen photos, "back" closes it and leads nowhere else', async () => {
    const [page, context] = await app.visit({}, '/#q=a+dog');
    const panel = page.getByRole('complementary', { name: 'Teach it a thing' });
    await openPanel(page);
    await photo(page, '00.jpg').click();
    await photo(page, '01.jpg').click();
    await panel.getByLabel('Name').fill('Half a name');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await openPanel(page);
    await button(panel, 'Learn from 2 photos').waitFor();
    expect(await panel.getByLabel('Name').inputValue()).toBe('Half a name');
    await page.goBack();
    await panel.waitFor({ state: 'detached' });
    expect(await page.getByRole('searchbox').inputValue()).toBe('a dog');
    expect(page.url()).toContain('q=a+dog');
    await openPanel(page);
    await button(panel, 'Learn from 2 photos').waitFor();
    await context.close();
  });

  it('the app learns from a part of a photo that a box was drawn around', async () => {
    const [page, context] = await app.visit();
    await openPanel(page);
    await photo(page, 'new-1.jpg').click();
    await button(page, 'Crop new-1.jpg').click();
    const dialog = page.getByRole('dialog', { name: 'Draw a box around it' });
    const picture = dialog.getByRole('img', { name: 'new-1.jpg' });
    await expect
      .poll(() => picture.evaluate<boolean, { complete: boolean }>(({ complete }) => complete))
      .toBe(true);
    expect(await button(dialog, 'Use this part').isDisabled()).toBe(true);
    const { x, y, width, height } = (await picture.boundingBox())!;
    await page.mouse.move(x + width / 4, y + height / 4);
    await page.mouse.down();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.move(x + (3 * width) / 4, y + (3 * height) / 4);
    await page.mouse.up();
    await expectAccessible(page);
    await button(dialog, 'Use this part').click();
    await dialog.waitFor({ state: 'detached' });
    const part = page.getByRole('list', { name: 'Photos to learn from' }).getByRole('img').first();
    const id = (await part.getAttribute('src'))!.split('/')[3]!;
    expect(id).toMatch(/^[0-9a-f]{64}$/); // brought in, no photo of the library
    const view = await app.server.send(`/api/photos/${id}/view`);
    const size = await sharp(view.body).metadata();
    expect(Math.abs(size.width - 150)).toBeLessThanOrEqual(3);
    expect(Math.abs(size.height - 100)).toBeLessThanOrEqual(3);
    await context.close();
  });

  it('the app asks what to do about a name that is used, and never mixes two things in silence', async () => {
    const [page, context] = await app.visit();
    const teach = async (...photos: string[]) => {
      await openPanel(page);
      for (const name of photos) await photo(page, name).click();
      await page.getByLabel('Name').fill('Bella');
    };
    await teach('00.jpg', '01.jpg', '02.jpg');
    await button(page, 'Learn from 3 photos').click();
    await page.getByText(/learnt from 3 photos in/).waitFor();
    await button(page, 'Close').click();
    await teach('new-0.jpg', 'new-1.jpg');
    await page.getByText('Bella is known, from 3 photos').waitFor();
    expect(await button(page, 'Learn from 2 photos').isDisabled()).toBe(true);
    const photosOf = async () => (await app.server.send('/api/concepts/Bella')).json.photos;
    expect(await photosOf()).toBe(3);
    await page.getByLabel('Learn anew from these alone').check();
    await button(page, 'Learn from 2 photos').click();
    await page.getByText(/learnt from 2 photos in/).waitFor();
    expect(await photosOf()).toBe(2);
    await button(page, 'Close').click();
    await teach('00.jpg');
    await page.getByLabel('Add these photos to them').check();
    await button(page, 'Learn from 1 photo').click();
    await page.getByText(/learnt from 3 photos in/).waitFor();
    expect(await photosOf()).toBe(3);
    await context.close();
  }, 60_000);

  it('the app shows in a second tab what was done in the first, without a reload', async () => {
    const [first, context] = await app.visit();
    const second = await context.newPage();
    await second.goto(app.server.url);
    await button(second, 'About Bella').waitFor();
    await first.bringToFront();
    await button(first, 'About Bella').click();
    await first.getByLabel('It is called').fill('Rex');
    await button(first, 'Rename').click();
    await first.getByRole('heading', { name: 'Rex' }).waitFor();
    await second.bringToFront();
    await button(second, 'About Rex').waitFor();
    expect(await button(second, 'About Bella').count()).toBe(0);
    await context.close();
  });

  it('the app takes a folder that has moved by one button, and its photos are there again', async () => {
    const moved = join(app.server.home, 'renamed');
    await rename(other, moved);
    const [page, context] = await app.visit();
    await page.getByText(/^12 photos$/).waitFor();
    await button(page, 'Add photos').click();
    const dialog = page.getByRole('dialog', { name: 'Add photos' });
    await dialog.getByText(`moved to ${moved}?`).waitFor();
    await expectAccessible(page);
    await button(dialog, 'Yes, it moved').click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText(/^18 photos$/).waitFor();
    expect((await app.server.send('/api/state')).json.folders).toContain(moved);
    await context.close();
  });

  it('nothing went wrong on the way', () => {
    expect(app.errors).toEqual([]);
  });
});
