import type { Page } from 'playwright-core';

// An app holds a stream of events open, so that its network is never idle.
const IN_SIGHT = `[...document.images].filter((image) => {
  const { top, bottom, width } = image.getBoundingClientRect();
  return width > 0 && bottom > 0 && top < innerHeight;
})`;
const SHOWS_ALL = `${IN_SIGHT}.every(({ complete }) => complete)`;
// What has come is still to be decoded before it is drawn.
const DRAWN = `Promise.allSettled(${IN_SIGHT}.map((image) => image.decode()))
  .then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn()))))`;

/** Waits until every picture in sight has come and nothing moves. */
export async function settled(page: Page): Promise<void> {
  while (!(await page.evaluate<boolean>(SHOWS_ALL))) await page.waitForTimeout(100);
  await page.evaluate(DRAWN);
  await page.evaluate('Promise.all(document.getAnimations().map(({ finished }) => finished)).then(() => {})');
}
