/**
 * The story of a first start with the Toybox in pictures, from the first screen to an exported album, wide and narrow,
 * light and dark, to look at; two of them are the README's. Needs Chromium and a built page (`npm run build:app`).
 *
 *     npx tsx tools/screenshots.ts [folder]
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { readPageFiles } from '../src/server/index.ts';
import { startApp } from '../test/app.ts';
import { startChromium } from '../test/chromium.ts';
import { settled } from './settled.ts';

const pictures = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const folder = process.argv[2] ?? fileURLToPath(new URL('../.tmp/screenshots/', import.meta.url));
const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

/** What is shown, in an order in which each can follow the one before. */
const VIEWS: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
  ['wall', (page) => page.getByText(/^226 photos$/).waitFor()],
  ['year', (page) => page.locator('.years button').last().click()],
  [
    'add',
    async (page) => {
      await page.getByRole('button', { name: 'Add photos' }).click();
      await page.locator('.folders li').first().waitFor();
    },
  ],
  [
    'teach',
    async (page) => {
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Teach a thing' }).first().click();
      await page.getByRole('button', { name: 'Rex, a dog' }).click();
    },
  ],
  [
    'learnt',
    async (page) => {
      const again = page.getByLabel('Learn anew from these alone');
      if (await again.isVisible()) await again.check();
      await page.getByRole('button', { name: 'Learn from 5 photos' }).click();
      await page.getByText(/learnt from 5 photos/).waitFor();
    },
  ],
  [
    'search',
    async (page) => {
      await page.getByRole('button', { name: 'Find Rex' }).click();
      await page.getByRole('searchbox').fill('Rex in the snow');
      await page.locator('[data-read="sks dog in the snow"]').waitFor();
    },
  ],
  [
    'without',
    async (page) => {
      await page.getByRole('switch').click();
      await page.locator('[data-read="dog in the snow"]').waitFor();
    },
  ],
  ['tail', (page) => page.locator('.line').scrollIntoViewIfNeeded()],
  [
    'view',
    async (page) => {
      await page.getByRole('switch').click();
      await page.locator('.photo').first().click();
    },
  ],
  [
    'concept',
    async (page) => {
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'About Rex' }).click();
      await page.locator('.quality').waitFor();
    },
  ],
  [
    'delete',
    async (page) => {
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('button', { name: 'Delete Rex' }).waitFor();
    },
  ],
  [
    'selected',
    async (page) => {
      await page.keyboard.press('Escape');
      await page.goBack();
      await page.locator('[data-read="sks dog in the snow"]').waitFor();
      await page.evaluate('scrollTo(0, 0)');
      await page.locator('[data-index="0"] .photo').click({ modifiers: ['Control'] });
      await page.locator('[data-index="4"] .photo').click({ modifiers: ['Shift'] });
    },
  ],
  [
    'exported',
    async (page) => {
      const zip = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save as zip' }).click();
      await (await zip).saveAs(join(folder, 'Rex in the snow.zip'));
      await page.getByText('5 photos selected; saved').waitFor();
    },
  ],
];

await mkdir(folder, { recursive: true });
const home = await mkdtemp(join(tmpdir(), 'polar-screenshots-'));
const app = await startApp(home, await readPageFiles());
const browser = await startChromium();
try {
  await firstStart(browser);
  for (const size of ['wide', 'phone'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        viewport: SIZES[size],
        colorScheme,
        hasTouch: size === 'phone',
      });
      const page = await context.newPage();
      await page.goto(app.url);
      for (const [name, show] of VIEWS) {
        await show(page);
        await keep(page, `${size}-${colorScheme}-${name}`);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await app.close();
  await rm(home, { recursive: true });
}
// Of the README and docs/app.md.
const KEPT = {
  app: 'wide-light-search',
  'app-phone': 'phone-dark-search',
  'app-start': 'start',
  'app-wall': 'toybox',
  'app-export': 'wide-light-exported',
};
for (const [name, shot] of Object.entries(KEPT)) {
  const picture = sharp(join(folder, `${shot}.png`));
  await picture.webp({ quality: 82 }).toFile(join(pictures, `${name}.webp`));
}

async function firstStart(browser: Browser): Promise<void> {
  const page = await browser.newPage({ viewport: SIZES.wide });
  await page.goto(app.url);
  const toybox = page.getByRole('button', { name: 'Play with the Toybox' });
  await toybox.waitFor();
  await keep(page, 'start');
  await page.setViewportSize(SIZES.phone);
  await page.emulateMedia({ colorScheme: 'dark' });
  await keep(page, 'start-phone-dark');
  await page.setViewportSize(SIZES.wide);
  await page.emulateMedia({ colorScheme: 'light' });
  await toybox.click();
  await page.getByRole('button', { name: 'Teach Mimi' }).waitFor({ timeout: 300_000 });
  await keep(page, 'toybox');
  await page.getByText(/^library: 226 photos/).waitFor({ timeout: 300_000 });
  await keep(page, 'done');
  await page.close();
}

async function keep(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await settled(page);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  console.error(name);
}
