/**
 * How quick the app feels in Chromium with Toybox: the first paint, a search from the last key until the photos stand,
 * and a wall of 100,000 made-up photos that is scrolled to its middle. Needs a built page (`npm run build:web`).
 *
 *     npx tsx bench/app.ts
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { TOYBOX } from '../src/clip/hub/names.ts';
import { PhotoStore } from '../src/library/photo-store.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { readPageFiles } from '../src/server/index.ts';
import { startApp } from '../test/app.ts';
import { startChromium } from '../test/chromium.ts';
import { fillTable } from './fill-table.ts';
import { benchFolder, machine } from './machine.ts';

const MANY = 100_000;
const VISITS = 9;
const SENTENCES = [
  'a dog in the snow',
  'a red car at night',
  'Rex',
  'Rex at the beach',
  'two cups on a shelf',
];

console.log(`machine: ${machine()}`);
const files = await readPageFiles();
const home = await mkdtemp(join(tmpdir(), 'polar-bench-app-'));
await withApp(home, async (url) => {
  await visit(url, async (page) => {
    await page.getByRole('button', { name: 'Play with the Toybox' }).click();
    await page.getByText(/^226 photos$/).waitFor({ timeout: 300_000 });
    await page.getByRole('button', { name: 'Teach a thing' }).first().click();
    await page.getByRole('button', { name: 'Rex, a dog' }).click();
    await page.getByRole('button', { name: 'Learn from 5 photos' }).click();
    console.log(`learnt: ${await page.getByText(/learnt from 5 photos in/).textContent()}`);
  });
  const paints: number[] = [];
  const photos: number[] = [];
  for (let i = 0; i < VISITS; i++) {
    await visit(url, async (page) => {
      photos.push(
        await page.evaluate<number>(`new Promise((resolve) => {
          const look = () => {
            if (document.querySelector('.photo img')?.complete) resolve(performance.now());
            else requestAnimationFrame(look);
          };
          look();
        })`),
      );
      paints.push(
        await page.evaluate<number>('performance.getEntriesByName("first-contentful-paint")[0].startTime'),
      );
    });
  }
  console.log(`first paint: ${spread(paints)}; first photo: ${spread(photos)} (a browser without a cache)`);
  await visit(url, async (page) => {
    await page.locator('.photo').first().waitFor();
    const times: number[] = [];
    for (let i = 0; i < 4; i++) for (const sentence of SENTENCES) times.push(await search(page, sentence));
    console.log(`search, from the Enter key to the drawn photos: ${spread(times.slice(SENTENCES.length))}`);
  });
});
await rm(home, { recursive: true });

const many = join(benchFolder, 'app');
const clip = await loadClip(TOYBOX);
const table = await new PhotoStore(join(many, 'library')).open(clip);
if ((await table.countRows()) !== MANY) await fillTable(table, clip, MANY);
await clip.close();
await withApp(many, (url) =>
  visit(url, async (page) => {
    await page.locator('.photo').first().waitFor();
    const opened = await page.evaluate<number>('performance.now()');
    const times: number[] = [];
    for (const share of [0.5, 0.25, 0.75, 0.1, 0.9]) {
      times.push(
        await page.evaluate<number>(`new Promise((resolve) => {
          const started = performance.now();
          scrollTo(0, document.body.scrollHeight * ${share});
          const look = () => {
            const seen = document.elementsFromPoint(innerWidth / 2, innerHeight / 2);
            const isThere = seen.some((element) => element.closest('.tile[data-id]'));
            if (isThere) resolve(performance.now() - started);
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        })`),
      );
    }
    const elements = await page.locator('.tile').count();
    console.log(
      `${MANY.toLocaleString('en')} photos: the wall stands after ${opened.toFixed(0)} ms; scrolled far away, ` +
        `rows appear after ${spread(times)}; ${elements} tiles are drawn`,
    );
    const found: number[] = [];
    for (const sentence of SENTENCES) found.push(await search(page, sentence));
    console.log(`${MANY.toLocaleString('en')} photos: search ${spread(found)}`);
  }),
);

/** Milliseconds from the Enter key until the photos of the answer stand in the page. */
function search(page: Page, sentence: string): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const field = document.querySelector('input[type=search]');
    const status = document.querySelector('.results [role=status]');
    field.value = ${JSON.stringify(sentence)};
    field.dispatchEvent(new Event('input', { bubbles: true }));
    const started = performance.now();
    const before = status.textContent;
    field.form.requestSubmit();
    new MutationObserver((_, observer) => {
      if (status.textContent === before) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
    }).observe(status, { childList: true, characterData: true, subtree: true });
  })`);
}

async function withApp(folder: string, work: (url: string) => Promise<void>): Promise<void> {
  const app = await startApp(folder, files);
  try {
    await work(app.url);
  } finally {
    await app.close();
  }
}

/** A browser that was never here before. */
async function visit(url: string, work: (page: Page) => Promise<void>): Promise<void> {
  const browser = await startChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    await work(page);
  } finally {
    await browser.close();
  }
}

function spread(times: number[]): string {
  const sorted = times.sort((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)]!.toFixed(0)} ms (at most ${sorted.at(-1)!.toFixed(0)})`;
}
