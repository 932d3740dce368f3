/**
 * How fast `polar serve` answers a second after the page is there: the first search, the second one with another
 * sentence, and 200 at once; over made-up embeddings, with a model of ViT-B/32's size and random weights. The server is a process
 * of its own, asked over HTTP.
 *
 *     npx tsx bench/serve.ts [photos ...]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PhotoStore } from '../src/library/photo-store.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { openContext, startServer } from '../src/server/index.ts';
import { fillTable } from './fill-table.ts';
import { benchFolder, machine, sentence, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const AT_ONCE = 200;
const MORE = 20;
// Milliseconds that somebody needs at least to type a sentence after the page is there.
const TYPING = 1000;
const home = join(benchFolder, 'serve');
const storeOf = (photos: number) => new PhotoStore(join(home, `library-${photos}`));

if (process.argv[2] === 'serve') {
  const clip = await loadClip(process.argv[3]!);
  const context = await openContext({
    version: 'bench',
    home,
    clip,
    store: storeOf(Number(process.argv[4])),
  });
  const { url } = await startServer(context, { host: '127.0.0.1', port: 0, page: new Map() });
  console.log(url);
} else {
  const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000];
  const directory = await randomClip('ViT-B/32', benchFolder, tokenizerFile);
  console.log(`machine: ${machine()}`);
  console.log('model: ViT-B/32 size, random weights');
  for (const photos of sizes) await measure(directory, photos);
}

async function measure(directory: string, photos: number): Promise<void> {
  const clip = await loadClip(directory);
  const table = await storeOf(photos).open(clip);
  if ((await table.countRows()) !== photos) await fillTable(table, clip, photos);
  await clip.close();

  const started = performance.now();
  const args = ['--import', 'tsx', fileURLToPath(import.meta.url), 'serve', directory, String(photos)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const ready = performance.now() - started;
  const url = String(line).trim();
  const timed = async (path: string, init?: RequestInit): Promise<number> => {
    const asked = performance.now();
    const response = await fetch(url + path, init);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return performance.now() - asked;
  };
  const search = (index: number) =>
    timed('/api/search', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sentence: sentence(index) }),
    });
  const ms = (time: number) => `${time.toFixed(0)} ms`;
  const state = await timed('/api/state');
  await sleep(TYPING);
  const first = await search(0);
  const second = await search(1);
  const more: number[] = [];
  for (let i = 0; i < MORE; i++) more.push(await search(2 + i));
  more.sort((a, b) => a - b);
  const began = performance.now();
  const times = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => search(100 + i)));
  const all = performance.now() - began;
  times.sort((a, b) => a - b);
  const at = (share: number) => ms(times[Math.ceil(share * AT_ONCE) - 1]!);
  const resident =
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024;
  console.log(
    `${photos.toLocaleString('en')} photos: served after ${ms(ready)}; state in ${ms(state)}; first search ${ms(first)}, ` +
      `second ${ms(second)}, median of ${MORE} more ${ms(more[MORE / 2]!)} (slowest ${ms(more.at(-1)!)}); ` +
      `${AT_ONCE} at once in ${ms(all)}, p50 ${at(0.5)}, p99 ${at(0.99)}; memory ${resident.toFixed(0)} MB`,
  );
  child.kill();
  await once(child, 'exit');
}
