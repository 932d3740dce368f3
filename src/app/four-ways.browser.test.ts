import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChromium } from '../../test/chromium.ts';
import { runPolar } from '../../test/polar.ts';
import { builtPage } from '../../test/program.ts';
import { type StaticHost, startStaticHost } from '../../test/static-host.ts';
import { samplePhotos } from '../../tools/sample-photos.ts';
import { openInMemory } from '../library/in-memory.ts';
import { PhotoStore } from '../library/photo-store.ts';
import { ConceptStore } from '../node/concepts/concept-store.ts';
import { learn } from '../node/learn.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { zipConcept } from '../polar/concept/zip.ts';
import { openContext, startServer } from '../server/index.ts';
import { send } from '../server/server.fixture.ts';
import { ask } from './ask.ts';

const QUESTIONS = [
  { sentence: 'Rex in the snow', plain: false, text: 'sks dog in the snow' },
  { sentence: 'Rex in the snow', plain: true, text: 'dog in the snow' },
];
const TOP = 20;

/** What was found, best first. */
type Hits = readonly { readonly name: string; readonly score: number }[];

let home: string;
let clip: Clip;
let rex: Concept;
let photos: string;
let host: StaticHost;
let browser: Browser;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'polar-four-ways-'));
  clip = await loadClip('toybox');
  const made = await samplePhotos();
  photos = made.library;
  const { examples, className } = made.things.find(({ name }) => name === 'Rex')!;
  const files = (await readdir(examples)).sort().map((file) => join(examples, file));
  rex = (await learn(clip, 'Rex', files, { className })).concept;
  await new ConceptStore(join(home, 'concepts')).save(rex);
  expect(await runPolar(home, ['index', photos, '--model', 'toybox'])).toMatchObject({ code: 0 });
  host = await startStaticHost({ '/': builtPage('browser') });
  browser = await startChromium();
}, 600_000);
afterAll(async () => {
  await browser?.close();
  await host?.close();
  await clip?.close();
  await rm(home, { recursive: true });
});

/** Asks the library in memory. */
async function byLibrary(): Promise<Hits[]> {
  const library = await openInMemory(new PhotoStore(join(home, 'library')), clip);
  const found: Hits[] = [];
  for (const { sentence, plain, text } of QUESTIONS) {
    const answer = await ask(clip, library, { sentence }, { concepts: [rex], top: TOP, plain });
    expect(answer.text).toBe(text);
    found.push(answer.hits.map(({ path, score }) => ({ name: basename(path), score })));
  }
  await library.close();
  return found;
}

/** Asks the command line, which searches the table on disk. */
async function byCommand(): Promise<Hits[]> {
  const found: Hits[] = [];
  for (const { sentence, plain, text } of QUESTIONS) {
    const args = ['search', sentence, '--json', '--top', String(TOP), ...(plain ? ['--plain'] : [])];
    const { stdout } = await runPolar(home, args);
    const answer = JSON.parse(stdout) as { text: string; photos: { path: string; score: number }[] };
    expect(answer.text).toBe(text);
    found.push(answer.photos.map(({ path, score }) => ({ name: basename(path), score })));
  }
  return found;
}

/** Asks the server over HTTP. */
async function byServer(): Promise<Hits[]> {
  const store = new PhotoStore(join(home, 'library'));
  const context = await openContext({ version: '0.0.0', home, clip, store });
  const server = await startServer(context, { host: '127.0.0.1', port: 0, page: new Map() });
  const found: Hits[] = [];
  for (const { sentence, plain, text } of QUESTIONS) {
    const { json } = await send(server.url, '/api/search', { body: { sentence, plain, limit: TOP } });
    expect(json.text).toBe(text);
    found.push(json.photos.map(({ name, score }: Hits[number]) => ({ name, score })));
  }
  await server.close();
  return found;
}

/** Asks the page that has the photos in the browser alone. */
async function byPage(): Promise<Hits[]> {
  const page = await browser.newPage({ locale: 'en-GB' });
  page.setDefaultTimeout(240_000); // many photos are read
  await page.goto(`${host.url}/index.html`);
  await page.getByText('toybox is ready').waitFor();
  const files = (await readdir(photos)).sort().map((file) => join(photos, file));
  await page.getByLabel('Add photos').setInputFiles(files);
  await page.locator('.wall li').nth(0).waitFor();
  await page.locator('.job').waitFor({ state: 'detached' });
  const zip = join(home, 'Rex.zip');
  await writeFile(zip, zipConcept(rex));
  await page.getByLabel('Import').setInputFiles(zip);
  await page.getByRole('button', { name: 'Download Rex' }).first().waitFor();
  const found: Hits[] = [];
  for (const { sentence, plain, text } of QUESTIONS) {
    await page.getByRole('searchbox').fill(sentence);
    if (plain) await page.getByRole('switch').click();
    else await page.getByRole('searchbox').press('Enter');
    await page.locator(`[data-read="${text}"]`).waitFor();
    const names = await page
      .locator('.wall li img')
      .evaluateAll((all) => all.map((img) => img.getAttribute('alt')!));
    const scores = await page.locator('.wall li .score').allTextContents();
    found.push(names.slice(0, TOP).map((name, i) => ({ name, score: Number(scores[i]) })));
  }
  await page.close();
  return found;
}

it('the same question gives the same hits in the same order by command, HTTP, page and library', async () => {
  const expected = await byLibrary();
  expect(expected[0]).not.toEqual(expected[1]);
  const ways = { command: await byCommand(), server: await byServer(), page: await byPage() };
  for (const [way, found] of Object.entries(ways)) {
    for (const [i, hits] of expected.entries()) {
      const { sentence, plain } = QUESTIONS[i]!;
      const what = `${way}: ${sentence}${plain ? ', plain' : ''}`;
      expect(
        found[i]!.map(({ name }) => name),
        what,
      ).toEqual(hits.map(({ name }) => name));
      // The page shows three digits, and its decoder rounds a pixel now and then.
      const digits = way === 'page' ? 2.5 : 5;
      for (const [rank, { score }] of hits.entries()) {
        expect(found[i]![rank]!.score, `${what}, rank ${rank}`).toBeCloseTo(score, digits);
      }
    }
  }
}, 600_000);
