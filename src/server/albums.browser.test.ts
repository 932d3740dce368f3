import { join } from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../test/chromium.ts';
import { indexPhotos } from '../library/index-photos.ts';
import { expectAccessible, openTestPage, type TestPage } from './page.fixture.ts';

const PHOTOS = Array.from({ length: 12 }, (_, i): [string, number] => [
  `${i}.jpg`,
  Date.UTC(2024, 5, 20 - i, 12),
]);

if (chromiumPath === undefined) it.skip('albums (skipped: they need Chromium, CHROMIUM_PATH)');

describe.runIf(chromiumPath !== undefined)('albums in the app', () => {
  let app: TestPage;
  beforeAll(async () => {
    app = await openTestPage(PHOTOS);
  }, 120_000);
  afterAll(() => app?.close());

  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const albums = (page: Page) => page.getByRole('navigation', { name: 'Albums' });
  const photo = (page: Page, index: number) => page.locator(`[data-index="${index}"] .photo`);
  const count = (page: Page) => page.locator('.album [role="status"]');

  it('a search is kept under a name, and a name that is taken is said in the dialog', async () => {
    const [page, context] = await app.visit({}, '/#q=a+dog');
    const { body } = { body: { name: 'Taken', sentence: 'a cat', relevance: 'weak' } };
    await app.server.send('/api/albums', { body });
    await albums(page).getByRole('button', { name: 'Taken 12 new' }).waitFor(); // told of by the server
    await button(page, 'Save this search').click();
    const dialog = page.getByRole('dialog', { name: 'Save this search' });
    const name = dialog.getByRole('textbox', { name: 'Name' });
    expect(await name.inputValue()).toBe('a dog');
    await name.fill('taken');
    await name.press('Enter');
    await dialog.getByRole('alert').getByText('an album of this name is there already').waitFor();
    await expectAccessible(page);
    await name.fill('Dogs');
    await dialog.getByRole('switch', { name: 'Only photos that fit well' }).click();
    await name.press('Enter');
    await albums(page).getByRole('button', { name: /^Dogs/ }).waitFor();
    const { json } = await app.server.send('/api/albums');
    expect(json[0]).toMatchObject({ name: 'Dogs', sentence: 'a dog', relevance: 'fair', looked: null });
    await context.close();
  });

  it('an open album has its new photos first, is renamed, deleted, and brought back', async () => {
    await app.server.send('/api/albums', { body: { name: 'All', sentence: 'a thing', relevance: 'weak' } });
    await app.server.send('/api/albums/All/looked', { method: 'POST' });
    const { store, clip, library } = app.server.context;
    const added = sharp({ create: { width: 64, height: 64, channels: 3, background: '#0a8' } });
    await added.jpeg().toFile(join(app.server.photos, 'added.jpg'));
    await indexPhotos(store, clip, app.server.photos);
    await library.refresh();
    const [page, context] = await app.visit();
    await albums(page).getByRole('button', { name: 'All 1 new' }).click();
    await expect.poll(() => count(page).textContent()).toBe('13 photos, 1 new');
    expect(await page.locator('[data-index="0"] .photo').getAttribute('aria-label')).toMatch(/^added\.jpg/);
    expect(await page.locator('.wall .line').allTextContents()).toEqual(['New', 'Seen before']);
    await albums(page).getByRole('button', { name: 'All', exact: true }).waitFor(); // nothing is new any more
    await expectAccessible(page);
    await button(page, 'Rename').click();
    await page.getByRole('textbox', { name: 'It is called' }).fill('Everything');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Everything' }).waitFor();
    await page.reload();
    await expect.poll(() => count(page).textContent()).toBe('13 photos');
    await button(page, 'Delete').click();
    await page.getByRole('heading', { name: 'Everything' }).waitFor({ state: 'detached' });
    expect(await albums(page).getByRole('button', { name: 'Everything' }).count()).toBe(0);
    await button(page, 'Undo').click();
    await page.getByRole('heading', { name: 'Everything' }).waitFor();
    await button(page, 'Search for it').click();
    await page.locator('[data-read="a thing"]').waitFor();
    await page.getByRole('heading', { name: 'Everything' }).waitFor({ state: 'detached' });
    await context.close();
  });

  it('a heart makes a photo a favourite, by key in the wall and in full view', async () => {
    const [page, context] = await app.visit();
    await photo(page, 2).focus();
    await page.keyboard.press('f');
    const favourites = albums(page).getByRole('button', { name: 'Favourites' });
    await favourites.waitFor();
    const name = await photo(page, 4).getAttribute('aria-label');
    await photo(page, 4).click();
    await page.getByRole('dialog', { name: 'Full view' }).waitFor();
    await button(page, 'Favourite').click();
    await expect.poll(() => button(page, 'Favourite').getAttribute('aria-pressed')).toBe('true');
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await favourites.click();
    await expect.poll(() => page.locator('.wall .tile').count()).toBe(2);
    await photo(page, 0).hover();
    await expectAccessible(page);
    const heart = button(page, `Favourite: ${name}`);
    expect(await heart.getAttribute('aria-pressed')).toBe('true');
    await heart.click(); // stays in sight, so that a slip is mended by a second click
    await expect.poll(() => heart.getAttribute('aria-pressed')).toBe('false');
    await expect.poll(async () => (await app.server.send('/api/favourites')).json.length).toBe(1);
    await button(page, 'POLAR: all photos').click();
    await expect.poll(() => page.locator('.wall .tile').count()).toBe(13);
    await context.close();
  });

  it('nothing went wrong on the way', () => {
    // The browser itself says that a name was refused.
    expect(app.errors.filter((error) => !error.includes('the server responded with a status of 4'))).toEqual(
      [],
    );
  });
});
