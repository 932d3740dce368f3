/**
 * Pictures of the app with the photos of an immich server, for docs/immich.md: the app, the browser and the previews
 * over immich's API are real, the server is the stand-in of the tests and its photos are the Toybox's. Needs Chromium
 * and a built page (`npm run build:app`).
 *
 *     npx tsx tools/immich-screenshots.ts
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { teach } from '../src/app/teach.ts';
import { addAsset, startImmich } from '../src/immich/immich.fixture.ts';
import { ImmichApi, ImmichPhotos, indexImmich } from '../src/immich/index.ts';
import { PhotoStore } from '../src/library/photo-store.ts';
import { ConceptStore } from '../src/node/concepts/concept-store.ts';
import { inHome } from '../src/node/home.ts';
import { fileExamples } from '../src/node/learn.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { readPageFiles } from '../src/server/index.ts';
import { makeToyboxPhotos } from '../src/toybox/index.ts';
import { startApp } from '../test/app.ts';
import { startChromium } from '../test/chromium.ts';
import { settled } from './settled.ts';

const pictures = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const home = await mkdtemp(join(tmpdir(), 'polar-immich-pictures-'));
const immich = await startImmich('Toybox__polar');
const connection = { url: immich.url, key: immich.key, publicUrl: 'http://immich.example:2283' };
const made = await makeToyboxPhotos(join(home, 'world'));
const pathsIn = async (folder: string) =>
  (await readdir(folder))
    .filter((file) => /\.(?:jpe?g|png|webp)$/.test(file))
    .map((file) => join(folder, file));
for (const [index, path] of (await pathsIn(made.library)).entries())
  addAsset(immich, `IMG_${String(index + 1).padStart(4, '0')}.jpg`, await readFile(path));
const store = new PhotoStore(inHome(home).library);
const clip = await loadClip('toybox');
const { name, className, examples } = made.things[0]!;
await indexImmich(store, clip, {
  api: new ImmichApi(connection),
  source: { kind: 'all', name: '' },
});
await teach(clip, name, fileExamples(clip, await pathsIn(examples)), {
  className,
  shelf: new ConceptStore(inHome(home).concepts),
});
await clip.close();
const app = await startApp(home, await readPageFiles(), new ImmichPhotos(async () => connection));
const browser = await startChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(app.url);
  await page.getByRole('searchbox').fill(`${name} in the snow`);
  await page.getByText(/read as/).waitFor();
  await keep(page, 'immich-search');
  await page.locator('.photo').first().click();
  await page.getByRole('link', { name: 'Open there' }).waitFor();
  await keep(page, 'immich-photo');
} finally {
  await browser.close();
  await app.close();
  await immich.close();
  await rm(home, { recursive: true });
}

/** Writes a picture once everything that it shows has come. */
async function keep(page: Page, file: string): Promise<void> {
  await settled(page);
  await sharp(await page.screenshot())
    .webp({ quality: 82 })
    .toFile(join(pictures, `${file}.webp`));
}
