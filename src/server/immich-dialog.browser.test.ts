import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../../test/chromium.ts';
import { photo } from '../../test/data.ts';
import { addAsset, type StandIn, startImmich } from '../immich/immich.fixture.ts';
import { ImmichApi, ImmichPhotos, indexImmich } from '../immich/index.ts';
import { expectAccessible, openTestPage, type TestPage } from './page.fixture.ts';

if (chromiumPath === undefined) it.skip('the app with immich (skipped: it needs Chromium, CHROMIUM_PATH)');

describe.runIf(chromiumPath !== undefined)('the app with immich', () => {
  let immich: StandIn;
  let app: TestPage;
  beforeAll(async () => {
    immich = await startImmich('Toybox__polar');
    addAsset(immich, 'dog.jpg', await readFile(photo('dog/00')));
    app = await openTestPage([['own.jpg', Date.UTC(2020, 5, 20)]], new ImmichPhotos(async () => immich));
    const { store, clip, library } = app.server.context;
    await indexImmich(store, clip, { api: new ImmichApi(immich), source: { kind: 'all', name: '' } });
    await library.refresh();
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    await immich.close();
  });

  it('an immich server in the dialog of folders is looked through for changes, watched and taken out', async () => {
    const [page, context] = await app.visit();
    const open = async () => {
      await page.getByRole('button', { name: 'Add photos', exact: true }).click();
      return page.getByRole('dialog', { name: 'Add photos' });
    };
    const shows = (count: RegExp) => page.getByRole('main').getByText(count).waitFor();
    const own = `${immich.url}/photos`;
    await shows(/^2 photos$/);
    addAsset(immich, 'cat.jpg', await readFile(photo('cat/00')));

    let dialog = await open();
    await dialog.getByText(`immich: ${immich.url}`).waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: `Look for changes in ${own}` }).click();
    await dialog.waitFor({ state: 'detached' });
    await shows(/^3 photos$/);

    addAsset(immich, 'vase.jpg', await readFile(photo('vase/00')));
    dialog = await open();
    const watch = dialog.getByRole('checkbox', { name: `Watch ${own}` });
    // It stays as it was set while the server is asked, whatever is drawn meanwhile.
    await page.evaluate(`{
      const send = fetch;
      const held = new Promise((resolve) => { globalThis.answer = resolve; });
      globalThis.fetch = async (address, options) => {
        if (options?.method === 'PATCH') await held;
        return send(address, options);
      };
    }`);
    await watch.click();
    await app.server.send('/api/job', { body: { folder: own } });
    await shows(/^4 photos$/);
    expect(await watch.isChecked()).toBe(true);
    addAsset(immich, 'dog.jpg', await readFile(photo('dog/00')));
    await page.evaluate('answer()');
    await shows(/^5 photos$/);
    expect(await watch.isChecked()).toBe(true);

    await dialog.getByRole('button', { name: `Take out ${own}; the files stay` }).click();
    await dialog.getByText(`immich: ${immich.url}`).waitFor({ state: 'detached' });
    await shows(/^1 photo$/);
    expect(immich.assets.size).toBe(4);
    expect(app.errors).toEqual([]);
    await context.close();
  });
});
