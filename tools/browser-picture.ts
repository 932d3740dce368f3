/**
 * Writes the picture of the page in docs/browser.md, from what `npm run build` made:
 *
 *     npx tsx tools/browser-picture.ts
 */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { startChromium } from '../test/chromium.ts';
import { startStaticHost } from '../test/static-host.ts';
import { settled } from './settled.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const TO = 'docs/pictures/browser.webp';

const host = await startStaticHost(
  { '/': fromRoot('dist/pages/browser') },
  { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
);
const browser = await startChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, locale: 'en-GB' });
  page.setDefaultTimeout(300_000);
  await page.goto(`${host.url}/`);
  await page.getByRole('button', { name: 'Try it with sample photos' }).click();
  await page.getByRole('button', { name: 'Learn from 5 photos' }).click();
  await page.getByText('Rex learnt from 5 photos').waitFor();
  await page.locator('.job').waitFor({ state: 'detached' });
  await page.getByRole('searchbox').fill('Rex in the snow');
  await page.keyboard.press('Enter');
  await page.locator('[data-read]').waitFor();
  await page.getByRole('searchbox').blur();
  await page.evaluate('scrollTo(0, 0)');
  await settled(page);
  await sharp(await page.screenshot())
    .webp({ quality: 82 })
    .toFile(fromRoot(TO));
  console.log(TO);
} finally {
  await browser.close();
  await host.close();
}
