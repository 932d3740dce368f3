import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../test/chromium.ts';
import { makeVideoOf, pathWithFfmpeg } from '../../test/ffmpeg.ts';
import { indexPhotos } from '../library/index-photos.ts';
import { expectAccessible, openTestPage, type TestPage } from './page.fixture.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
// 3 months of each of 4 years, 5 photos a month, newest first.
const PHOTOS = Array.from({ length: 60 }, (_, i): [string, number] => {
  const [year, month, day] = [2024 - Math.floor(i / 15), 11 - 4 * (Math.floor(i / 5) % 3), 20 - (i % 5)];
  const name = `${String(i).padStart(2, '0')}.jpg`;
  return [i % 2 === 0 ? `even/${name}` : `odd/${name}`, Date.UTC(year, month, day, 12)];
});

if (chromiumPath === undefined) it.skip('the wall (skipped: it needs Chromium, CHROMIUM_PATH)');

describe.runIf(chromiumPath !== undefined)('the wall of the app', () => {
  let app: TestPage;
  beforeAll(async () => {
    app = await openTestPage(PHOTOS);
  }, 120_000);
  afterAll(() => app?.close());

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const photo = (page: Page, index: number) => page.locator(`[data-index="${index}"] .photo`);
  const status = (page: Page) => page.getByRole('region', { name: 'Selected photos' }).getByRole('status');

  it('the wall of the app has the months as headings, and leads to a year', async () => {
    const [page, context] = await app.visit();
    await page.getByRole('heading', { name: 'December 2024' }).waitFor();
    await page.getByRole('heading', { name: 'August 2024' }).waitFor();
    const years = page.getByRole('navigation', { name: 'Years' });
    expect(await years.getByRole('button').allTextContents()).toEqual(['2024', '2023', '2022', '2021']);
    expect(await years.locator('[aria-current]').textContent()).toBe('2024');
    await expectAccessible(page);
    await years.getByRole('button', { name: '2021' }).click();
    await page.getByRole('heading', { name: 'December 2021' }).waitFor();
    await photo(page, 45).waitFor();
    await years.getByRole('button', { name: '2022' }).click();
    await expect.poll(() => years.locator('[aria-current]').textContent()).toBe('2022');
    const box = await page.getByRole('heading', { name: 'December 2022' }).boundingBox();
    const header = await page.locator('header').boundingBox();
    expect(box!.y).toBeGreaterThanOrEqual(header!.height);
    expect(box!.y).toBeLessThan(header!.height + 60);
    await context.close();
  });

  it('by keyboard goes over headings in the same column, and selects', async () => {
    const [page, context] = await app.visit();
    await photo(page, 0).focus();
    const columns = await page.evaluate<number>(
      "new Set([...document.querySelectorAll('.tile')].map((tile) => tile.getBoundingClientRect().left)).size",
    );
    expect(columns).toBeGreaterThanOrEqual(5); // a month's photos are one row
    // Both before the focus has followed the first.
    await page.evaluate(`for (const key of ['ArrowRight', 'ArrowDown']) {
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    }`);
    const focused = () => page.evaluate('document.activeElement.parentElement.dataset.index');
    await expect.poll(focused).toBe('6');
    await page.keyboard.press('x');
    await status(page).getByText('1 photo selected').waitFor();
    await page.keyboard.press('Shift+ArrowDown');
    await status(page).getByText('6 photos selected').waitFor();
    await page.keyboard.press('Shift+ArrowLeft');
    await status(page).getByText('5 photos selected').waitFor();
    expect(await photo(page, 7).getAttribute('aria-pressed')).toBe('true');
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await status(page).waitFor({ state: 'detached' });
    await context.close();
  });

  it('the wall of the app selects by Ctrl and Shift, copies the paths, and saves a zip and a page', async () => {
    const [page, context] = await app.visit({ permissions: ['clipboard-read', 'clipboard-write'] });
    await photo(page, 1).click({ modifiers: ['Control'] });
    await photo(page, 3).click({ modifiers: ['Shift'] });
    await photo(page, 6).click(); // what is selected grows, once it has begun
    await status(page).getByText('4 photos selected').waitFor();
    await button(page, 'Copy paths').click();
    await status(page).getByText('paths copied').waitFor();
    const wanted = [1, 2, 3, 6].map((i) => join(app.server.photos, PHOTOS[i]![0]));
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(wanted.join('\n'));
    const zip = page.waitForEvent('download');
    await button(page, 'Save as zip').click();
    const entries = Object.values(unzipSync(await readFile(await (await zip).path())));
    const own = await Promise.all(wanted.map((path) => readFile(path, 'base64')));
    expect(entries.map((bytes) => Buffer.from(bytes).toString('base64'))).toEqual(own);
    const saved = page.waitForEvent('download');
    await button(page, 'Share as a page').click();
    const html = await readFile(await (await saved).path(), 'utf8');
    expect(html.match(/<img src="data:/g)).toHaveLength(4);
    await button(page, 'Select nothing').click();
    await photo(page, 1).click();
    await page.getByRole('dialog', { name: 'Full view' }).waitFor();
    await context.close();
  });

  it('the wall of the app teaches with what is selected, and forgets the selection when something is searched for', async () => {
    const [page, context] = await app.visit();
    await photo(page, 2).click({ modifiers: ['Control'] });
    await photo(page, 4).click({ modifiers: ['Shift'] });
    await button(page, 'Teach with them').click();
    await button(page, 'Learn from 3 photos').waitFor();
    await status(page).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await photo(page, 2).click({ modifiers: ['Control'] });
    await page.getByRole('searchbox').fill('a dog');
    await page.locator('[data-read="a dog"]').waitFor();
    await status(page).waitFor({ state: 'detached' });
    await context.close();
  });

  it('on a phone a long press selects, a tap after it too, and nothing is wider than the screen', async () => {
    const [page, context] = await app.visit(PHONE);
    const { x, y, width } = (await photo(page, 4).boundingBox())!;
    const cdp = await context.newCDPSession(page);
    const point = { x: x + width / 2, y: y + width / 2 };
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] });
    await status(page).getByText('1 photo selected').waitFor();
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await photo(page, 0).tap();
    await status(page).getByText('2 photos selected').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await expectAccessible(page);
    await page.getByRole('navigation', { name: 'Years' }).getByRole('button', { name: '2022' }).tap();
    const heading = page.getByRole('heading', { name: 'December 2022' });
    await heading.waitFor();
    const years = (await page.locator('.years').boundingBox())!;
    expect((await heading.boundingBox())!.y).toBeGreaterThanOrEqual(years.y + years.height);
    await context.close();
  });

  it('a video that was found opens at the time of the picture that fits best', async () => {
    const path = process.env.PATH;
    process.env.PATH = pathWithFfmpeg();
    try {
      makeVideoOf(['dog/00', 'dog6/00', 'vase/00', 'can/00'], join(app.server.photos, 'film.webm'));
      const { store, clip, library } = app.server.context;
      await indexPhotos(store, clip, app.server.photos);
      await library.refresh();
      const { json } = await app.server.send('/api/search', { body: { sentence: 'a can' } });
      const { at } = json.photos.find(({ name }: { name: string }) => name === 'film.webm');
      expect([1, 2, 3]).toContain(at);
      const [page, context] = await app.visit({}, '/#q=a+can');
      await page.getByRole('button', { name: 'film.webm' }).and(page.locator('.photo')).click();
      const film = page.locator('dialog video');
      await film.waitFor();
      expect(await film.getAttribute('src')).toMatch(new RegExp(`/video#t=${at}$`));
      const time = "document.querySelector('dialog video').currentTime";
      await expect.poll(() => page.evaluate(time), { timeout: 10_000 }).toBe(at);
      await expectAccessible(page);
      await context.close();
    } finally {
      process.env.PATH = path;
    }
  });

  it('nothing went wrong on the way', () => {
    expect(app.errors).toEqual([]);
  });
});
