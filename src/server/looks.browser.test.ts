import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, startWithBars } from '../../test/chromium.ts';
import { en } from '../pages/words/en.ts';
import { LANGUAGE_NAMES, type Language, WORDS } from '../pages/words/words.ts';
import { expectAccessible, openTestPage, type TestPage } from './page.fixture.ts';

const HEBREW = 'רקס הגדול';
const FOLDER = 'קיץ 2023/a folder with a long name that fits into no line of a phone, nor of a narrow dialog';
const PHOTOS = Array.from({ length: 24 }, (_, i): [string, number] => [
  i < 8 ? `${FOLDER}/${HEBREW} ${i}.jpg` : `others/IMG_${1000 + i}.jpg`,
  Date.UTC(2024, 5, 20 - i, 12),
]);
// A page at 200 % has half the pixels of its window to lay itself out in.
const LOOKS: Readonly<Record<string, BrowserContextOptions & { readonly isMirrored?: boolean }>> = {
  wide: { viewport: { width: 1280, height: 800 } },
  'wide and dark': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  'on a phone': { viewport: { width: 390, height: 844 }, hasTouch: true },
  'on a phone in the dark': { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: 'dark' },
  'at 200 %': { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
  mirrored: { viewport: { width: 1280, height: 800 }, isMirrored: true },
  'mirrored on a phone': { viewport: { width: 390, height: 844 }, hasTouch: true, isMirrored: true },
};

if (chromiumPath === undefined) it.skip('the looks (skipped: they need Chromium, CHROMIUM_PATH)');

describe.runIf(chromiumPath !== undefined)('the looks of the app', () => {
  let app: TestPage;
  beforeAll(async () => {
    app = await openTestPage(PHOTOS);
    const { json } = await app.server.send('/api/photos?limit=5');
    const photos = json.photos.map(({ id }: { id: string }) => id);
    const learn = { name: HEBREW, className: 'dog', photos };
    for await (const event of app.server.events('/api/learn', { body: learn })) void event;
  }, 120_000);
  afterAll(() => app?.close());

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

  it.each(Object.entries(LOOKS))(
    'have one edge, nothing cut off and nothing that axe finds: %s',
    async (look, { isMirrored, ...options }) => {
      const [page, context] = await app.visit(options, '/', isMirrored ? MIRROR : '');
      const isChecked = isMirrored !== true && look !== 'at 200 %'; // the same elements and colours
      const check = async (view: string) => {
        expect(await page.evaluate(CUT_OFF), view).toEqual([]);
        if (isChecked) await expectAccessible(page, view);
      };
      await page.locator('.tile').first().waitFor();
      await check('wall');
      const edges = await page.evaluate<Record<string, number>>(EDGES);
      expect(
        Math.max(...Object.values(edges)) - Math.min(...Object.values(edges)),
        JSON.stringify(edges),
      ).toBeLessThan(1);

      await page.getByRole('searchbox').fill(`${HEBREW} in the snow`);
      await page.locator('[data-read="sks dog in the snow"]').waitFor();
      await check('search');
      expect(await page.locator('.switch bdi').textContent()).toBe(HEBREW);
      await page.locator('.photo').first().click();
      await page.locator('.facts .at').waitFor();
      await check('view');
      if (options.hasTouch) {
        // The arrows lie off the photo.
        const [photo, ...arrows] = await Promise.all(
          ['.full', '.before', '.after'].map(async (name) => (await page.locator(name).boundingBox())!),
        );
        for (const arrow of arrows) expect(arrow.y).toBeGreaterThanOrEqual(photo!.y + photo!.height);
      }
      await page.keyboard.press('Escape');

      await button(page, 'Add photos').click();
      await page.getByLabel('Watch').waitFor();
      await page.locator('.folders li').first().waitFor();
      await check('add');
      const before = await button(page, 'Add this folder').boundingBox();
      await page.getByLabel('Folder', { exact: true }).fill('/nowhere/at/all');
      await page.getByRole('alert').getByText('no such folder').waitFor();
      expect(await button(page, 'Add this folder').boundingBox()).toEqual(before); // an error pushes nothing
      await check('add, with an error');
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: /^Settings/ }).click();
      await page.locator('.models li').first().waitFor();
      await check('settings');
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Teach a thing' }).first().click();
      const learn = button(page, 'Learn');
      const place = await learn.boundingBox();
      await page.getByLabel('Name').fill(HEBREW);
      await page.getByText(/is known, from 5 photos/).waitFor();
      if (!options.hasTouch && look !== 'at 200 %') expect(await learn.boundingBox()).toEqual(place);
      await check('teach');
      await button(page, 'Close').click();

      await page.getByRole('button', { name: /^About / }).click();
      await page.locator('.quality').waitFor();
      await check('thing');
      await context.close();
      expect(app.errors.filter((error) => !error.includes('400'))).toEqual([]);
    },
    120_000,
  );

  it('a veil reaches the edge of a window whose page has a scroll bar, and nothing moves under it', async () => {
    const browser = await startWithBars();
    const page = await browser.newPage({ viewport: { width: 1280, height: 300 }, locale: 'en-GB' });
    await page.goto(app.server.url);
    await page.locator('.tile').first().waitFor();
    expect(await page.evaluate('document.documentElement.clientWidth')).toBeLessThan(1280);
    const box = () => page.locator('.tile').first().boundingBox();
    const before = await box();
    await button(page, 'Add photos').click();
    await page.getByRole('dialog').waitFor();
    expect(await page.evaluate('document.documentElement.clientWidth')).toBe(1280);
    expect(await box()).toEqual(before);
    await browser.close();
  });

  it.each(Object.keys(LANGUAGE_NAMES) as Language[])(
    "are whole in the browser's language, which is said to it: %s",
    async (code) => {
      const [page, context] = await app.visit({ viewport: { width: 390, height: 844 }, locale: code });
      await page.locator('.tile').first().waitFor();
      expect(await page.evaluate('document.documentElement.lang')).toBe(code === 'zh' ? 'zh-Hans' : code);
      const words = WORDS[code];
      await page.getByRole('heading', { name: words['header.photos'], exact: true }).waitFor();
      expect(await page.evaluate(CUT_OFF), 'wall').toEqual([]);
      await page.locator('.photo').first().click();
      await page.locator('.facts .at').waitFor();
      expect(await page.evaluate(CUT_OFF), 'view').toEqual([]);
      await page.keyboard.press('Escape');
      await button(page, words['header.add']).click();
      await page.locator('.known li').first().waitFor();
      expect(await page.evaluate(CUT_OFF), 'add').toEqual([]);
      await page.keyboard.press('Escape');
      await page.locator('.thing .bare').click();
      await page.locator('.quality').waitFor();
      expect(await page.evaluate(CUT_OFF), 'thing').toEqual([]);
      await context.close();
    },
  );

  it('the language that is chosen is remembered, and a refusal is said in it, with the English under details', async () => {
    const [page, context] = await app.visit({ locale: 'de-DE' });
    const { 'header.add': add, 'folder.missing': missing, details } = WORDS.de;
    await page.locator('.tile').first().waitFor();
    await button(page, add).click();
    await page.locator('.path input').fill('/nowhere/at/all');
    const alert = page.getByRole('alert');
    await alert.getByText(`/nowhere/at/all: ${missing}`).waitFor();
    await alert.getByText(details).click();
    await alert.getByText('/nowhere/at/all: no such folder; check the path').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Einstellungen/ }).click();
    await page.getByLabel('Sprache').selectOption('English');
    await page.getByRole('heading', { name: en['settings.title'], exact: true }).waitFor();
    await page.reload();
    await button(page, en['header.add']).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
    await context.close();
  });
});

/** Where what stands at the beginning of the lines begins, CSS pixels from the page's edge. */
const EDGES = `(() => {
  const isMirrored = document.documentElement.dir === 'rtl';
  const from = (name) => {
    const { left, right } = document.querySelector(name).getBoundingClientRect();
    return isMirrored ? document.documentElement.clientWidth - right : left;
  };
  const names = { shelf: '.shelf li', line: '.results > :first-child', wall: '.tile' };
  const edges = Object.fromEntries(Object.entries(names).map(([name, path]) => [name, from(path)]));
  // The drawing of the logo begins a sixteenth inside of its picture.
  edges.logo = from('.brand img') + document.querySelector('.brand img').clientWidth / 16;
  return edges;
})()`;

/** Mirrors the page before the first of it is drawn, as a language would. */
const MIRROR = `new MutationObserver((_, observer) => {
  if (document.documentElement === null) return;
  document.documentElement.dir = 'rtl';
  observer.disconnect();
}).observe(document, { childList: true })`;

/** What is wider than the page, and what can be pressed and is not whole in it. */
const CUT_OFF = `(() => {
  const { clientWidth, scrollWidth } = document.documentElement;
  const found = scrollWidth > innerWidth ? ['the page: ' + scrollWidth] : [];
  const scrolls = (node) => {
    for (let at = node.parentElement; at !== null; at = at.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) return true;
    }
    return false;
  };
  for (const node of document.querySelectorAll('button, a, select, input:not([type=file]), summary')) {
    const { left, right, width, height } = node.getBoundingClientRect();
    if (width === 0 || height === 0 || !node.checkVisibility() || scrolls(node)) continue;
    const isCut = left < -0.5 || right > innerWidth + 0.5;
    const isTooNarrow = node.tagName !== 'INPUT' && node.scrollWidth > node.clientWidth + 1 && !node.matches('.photo, summary, select');
    if (isCut || isTooNarrow) found.push(node.outerHTML.slice(0, 120));
  }
  return found;
})()`;
