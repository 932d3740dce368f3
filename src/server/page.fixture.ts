import { mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { expect } from 'vitest';
import { seriousFindings } from '../../test/axe.ts';
import { startChromium } from '../../test/chromium.ts';
import { builtPage } from '../../test/program.ts';
import { indexPhotos } from '../library/index-photos.ts';
import type { RemoteLibrary } from '../library/remote/remote-library.ts';
import { readPageFiles } from './index.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';

/** The page of a test server in a real browser. */
export interface TestPage {
  readonly server: TestServer;
  /** What went wrong in the console, so far. */
  readonly errors: string[];
  /** @param script run in the page before anything of it */
  visit(options?: BrowserContextOptions, path?: string, script?: string): Promise<[Page, BrowserContext]>;
  close(): Promise<void>;
}

/** Opens the built page with a library of drawn photos, the last of `dates` the oldest, beside those of `remote`. */
export async function openTestPage(
  dates: readonly (readonly [name: string, time: number])[],
  remote?: RemoteLibrary,
): Promise<TestPage> {
  const server = await startTestServer({ things: [], page: await readPageFiles(builtPage('app')), remote });
  for (const [index, [name, time]] of dates.entries()) {
    const path = join(server.photos, name);
    await mkdir(join(path, '..'), { recursive: true });
    const background = { r: (37 * index) % 256, g: 90, b: (91 * index) % 256 };
    await sharp({ create: { width: 64, height: 64, channels: 3, background } })
      .jpeg()
      .toFile(path);
    await utimes(path, 0, time / 1000);
  }
  await indexPhotos(server.context.store, server.context.clip, server.photos);
  await server.context.library.refresh();
  const browser = await startChromium();
  const errors: string[] = [];
  return {
    server,
    errors,
    async visit(options = {}, path = '/', script = '') {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        locale: 'en-GB',
        ...options,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      await page.addInitScript(script);
      await page.goto(server.url + path);
      return [page, context];
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/** No finding of axe-core that is serious or critical. */
export async function expectAccessible(page: Page, words = ''): Promise<void> {
  expect(await seriousFindings(page), words).toEqual([]);
}
