import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core finds serious or critical on a page, one line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source); // by the debugger, which no policy of content stops
  // Of what passes only the first element is described: a third of the time.
  return page.evaluate<string[]>(
    `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' | ')))`,
  );
}
