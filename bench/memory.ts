/**
 * The most memory that polar takes for pictures that are small on the disk and large in memory, or large on both: the
 * peak resident size of a real process, as Linux counts it, with Toybox as the model.
 *
 *     npx tsx bench/memory.ts [index] [uploads] [tiffs] [parts]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PhotoStore } from '../src/library/photo-store.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { openContext, startServer } from '../src/server/index.ts';
import { writeHeavyPngs, writeHeavyTiffs } from './heavy-pictures.ts';
import { machine } from './machine.ts';

const MAIN = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const LOOK_EVERY_MS = 50;

let base = '';
if (process.argv[2] === 'serve') {
  const home = process.env.POLAR_HOME!;
  const clip = await loadClip('toybox');
  const context = await openContext({
    version: 'bench',
    home,
    clip,
    store: new PhotoStore(join(home, 'library')),
  });
  const { url } = await startServer(context, { host: '127.0.0.1', port: 0, page: new Map() });
  console.log(url);
} else await measure(process.argv.slice(2));

async function measure(wanted: readonly string[]): Promise<void> {
  const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
  console.log(`machine: ${machine()}`);
  base = await mkdtemp(join(tmpdir(), 'polar-memory-'));
  try {
    if (isWanted('index')) {
      const folder = join(base, 'pngs');
      await writeHeavyPngs(folder, 8, 13_300, 13_400);
      await index('8 interlaced 16-bit PNGs of 13300 x 13400', folder);
    }
    if (isWanted('tiffs')) {
      const folder = join(base, 'tiffs');
      await writeHeavyTiffs(folder, 16, 11_547, 11_547);
      await index('16 TIFFs of 400 MB', folder);
    }
    if (isWanted('uploads')) await uploads();
    if (isWanted('parts')) await parts();
  } finally {
    await rm(base, { recursive: true });
  }
}

async function index(what: string, folder: string): Promise<void> {
  const child = start(MAIN, ['index', folder, '--json', '--model', 'toybox']);
  const peak = watch(child.pid!);
  let out = '';
  child.stdout.on('data', (part) => {
    out += String(part);
  });
  await once(child, 'close');
  const [summary] = JSON.parse(out || '[{}]') as { added?: number; skipped?: { reason: string }[] }[];
  console.log(`index, ${what}: ${peak()}; ${summary?.added} added, ${summary?.skipped?.length} skipped`);
  for (const reason of new Set(summary?.skipped?.map((photo) => photo.reason))) console.log(`  ${reason}`);
}

/** Four requests at once, each with the same picture under a name of its own. */
async function uploads(): Promise<void> {
  const [picture] = await writeHeavyPngs(join(base, 'upload'), 1, 10_900, 10_900);
  const bytes = readFileSync(picture!);
  await serve(async (url, peak) => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, async (_, i) => {
        const form = new FormData();
        form.append('photos', new Blob([bytes]), `${i}.png`);
        const response = await fetch(`${url}/api/uploads`, { method: 'POST', body: form });
        return (await response.text()).slice(0, 200);
      }),
    );
    console.log(`4 uploads of a PNG of 10900 x 10900: ${peak()}; ${answers[0]}`);
  });
}

/** 190 MB of empty form parts, and how long another visitor waits meanwhile. */
async function parts(): Promise<void> {
  const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n';
  const body = Buffer.from(`${part.repeat(Math.floor(190e6 / part.length))}--x--\r\n`);
  await serve(async (url, peak) => {
    let isOver = false;
    const started = performance.now();
    const sent = fetch(`${url}/api/uploads`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    })
      .then(
        async (response) => `${response.status} ${await response.text()}`,
        (error: unknown) => String(error),
      )
      .finally(() => {
        isOver = true;
      });
    let longest = 0;
    while (!isOver) {
      const asked = performance.now();
      await fetch(`${url}/api/state`).then((response) => response.arrayBuffer());
      longest = Math.max(longest, performance.now() - asked);
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `190 MB of empty form parts: answered after ${seconds} s, another visitor waited ${(longest / 1000).toFixed(1)} s at most; ${peak()}; ${await sent}`,
    );
  });
}

async function serve(use: (url: string, peak: () => string) => Promise<void>): Promise<void> {
  const child = start(fileURLToPath(import.meta.url), ['serve']);
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    await use(String(line).trim(), watch(child.pid!));
  } finally {
    child.kill();
    await once(child, 'close');
  }
}

function start(program: string, args: readonly string[]) {
  const home = join(base, 'home');
  const env = { ...process.env, POLAR_HOME: home, HF_HOME: home };
  return spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Reads a process's peak resident size until it ends. */
function watch(pid: number): () => string {
  let peak = 0;
  const look = () => {
    try {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, Number(kilobytes ?? 0));
    } catch {} // it has ended
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    look();
    clearInterval(timer);
    return `peak ${(peak / 2 ** 20).toFixed(2)} GiB`;
  };
}
