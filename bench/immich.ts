/**
 * What `polar immich serve` adds to a search in immich: how soon it listens after a restart, how long a personal text
 * takes alone and a hundred at once, how long a text that is only passed on takes, and its memory after 100 and after
 * 10,000 requests. The built command in a process of its own, a model of ViT-B/32's size with random weights, and a
 * stand-in for immich's machine learning that answers at once. Each time is taken twice: by the client, which shares
 * the cores with the service, and inside the service (bench/time-requests.js). Beside them stands the processor time
 * that the service took: on a busy machine only that means something.
 *
 *     npm run build && npx tsx bench/immich.ts
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { predictForm, startMachineLearning, textEntries } from '../src/immich/machine-learning.fixture.ts';
import { ConceptStore, loadClip, normalizeRows } from '../src/index.ts';
import { benchFolder, machine, sentence, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const MODEL = 'ViT-B-32__openai';
const DIMENSION = 512;
const AT_ONCE = 100;
const ALONE = 200;
// Personal texts and others in turns, so that a busy machine slows both; long enough for the clock of /proc.
const TURN = 20;
const RESTARTS = 5;
const EARLY = 100;
const LATE = 10_000;
// One request in five names a learnt thing.
const PERSONAL_EVERY = 5;

// As people search; the others are of the length of a caption.
const short = (index: number): string =>
  ['Rex in the snow', 'Rex on the beach', 'Rex asleep on the sofa', 'my Rex with a ball'][index % 4]!;
const long = (index: number): string => `Rex, ${sentence(index)}`;
const other = (index: number): string => `a dog, ${sentence(index)}`;

const home = join(benchFolder, 'immich');
const timesFile = join(home, 'times.json');
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
await rm(home, { recursive: true, force: true });
const model = await randomClip('ViT-B/32', benchFolder, tokenizerFile);
const clip = await loadClip(model);
const vector = (seed: number) =>
  Float32Array.from({ length: clip.width }, (_, i) => Math.sin(seed + i * 1.7));
await new ConceptStore(join(home, 'concepts')).save({
  name: 'Rex',
  identifier: 'sks dog',
  className: 'dog',
  A: normalizeRows({ rows: 1, columns: clip.width, data: vector(1) }).data,
  B: vector(2).map((x) => x / 50),
  modelId: clip.id,
  revision: clip.revision,
  layer: clip.lastLayer,
  regWeight: 0.35,
  iterations: 500,
  learningRate: 1e-3,
  forward: 'released',
  seed: 0,
  photoHashes: [],
  features: null,
  created: new Date().toISOString(),
});
const lengths = [short, long].map((text) => {
  const counts = clip
    .tokenize([0, 1, 2, 3, 4].map((i) => text(i).replace('Rex', 'sks dog')))
    .map((ids) => ids.length);
  return `${Math.min(...counts)} to ${Math.max(...counts)} tokens`;
});
await clip.close();
const zeros = new Float32Array(DIMENSION);
const original = await startMachineLearning(async () => zeros);

async function start(): Promise<{ child: ChildProcess; url: string; seconds: number }> {
  const started = performance.now();
  const args = [main, 'immich', 'serve', '--upstream', original.url.href, '--port', '0', '--json'];
  const watch = new URL('./time-requests.js', import.meta.url).href;
  const env = {
    ...process.env,
    POLAR_HOME: home,
    NODE_OPTIONS: `--import=${watch}`,
    POLAR_BENCH_TIMES: timesFile,
  };
  const child = spawn(process.execPath, [...args, '--map', `${MODEL}=${model}`], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  const { url } = JSON.parse(String(line)) as { url: string };
  return { child, url, seconds: (performance.now() - started) / 1000 };
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Processor time of a process, in milliseconds; its clock ticks a hundred times a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12])); // utime and stime
}

const middle = (values: number[], share = 0.5) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))]!;

const starts: number[] = [];
const startCpus: number[] = [];
for (let turn = 0; turn < RESTARTS; turn++) {
  const { child, seconds } = await start();
  starts.push(seconds);
  startCpus.push(cpuOf(child.pid!));
  await stop(child);
}

const { child, url } = await start();
let asked = 0;
async function ask(write: (index: number) => string): Promise<number> {
  const text = write(asked++);
  const isPersonal = write !== other;
  const started = performance.now();
  const body = predictForm(textEntries(MODEL), { text });
  const response = await fetch(`${url}/predict`, { method: 'POST', body });
  const answer = (await response.json()) as { clip: string };
  const time = performance.now() - started;
  const embedding = JSON.parse(answer.clip) as number[];
  const isOwn = Math.abs(Math.hypot(...embedding) - 1) < 1e-3; // the stand-in answers with zeros
  if (!response.ok || isOwn !== isPersonal) throw new Error(`${response.status} for "${text}"`);
  return time;
}
const resident = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024;

/** Times of requests as the client and the service see them, and the service's processor time, in milliseconds. */
interface Times {
  readonly all: number[];
  readonly inside: number[];
  cpu: number;
}
const noTimes = (): Times => ({ all: [], inside: [], cpu: 0 });
async function measure(times: Times, work: () => Promise<number[]>): Promise<void> {
  await insideTimes();
  const before = cpuOf(child.pid!);
  times.all.push(...(await work()));
  times.cpu += cpuOf(child.pid!) - before;
  times.inside.push(...(await insideTimes()));
}
/** What the service took for each request since the last call, and its longest collection of garbage. */
async function insideTimes(): Promise<number[]> {
  await rm(timesFile, { force: true });
  child.kill('SIGUSR2');
  while (!existsSync(timesFile)) await sleep(5);
  const { requests, longestCollection } = JSON.parse(readFileSync(timesFile, 'utf8')) as {
    requests: number[];
    longestCollection: number;
  };
  collection = Math.max(collection, longestCollection);
  return requests;
}
let collection = 0;
async function inTurn(count: number, write: (index: number) => string): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push(await ask(write));
  return times;
}

const first = await ask(short);
const kinds = { short: noTimes(), long: noTimes(), passed: noTimes() };
for (let done = 0; done < ALONE; done += TURN) {
  await measure(kinds.short, () => inTurn(TURN, short));
  await measure(kinds.long, () => inTurn(TURN, long));
  await measure(kinds.passed, () => inTurn(TURN, other));
}
const together = noTimes();
const began = performance.now();
await measure(together, () => Promise.all(Array.from({ length: AT_ONCE }, () => ask(long))));
const all = performance.now() - began;
const requests = async (until: number) => {
  for (let done = 0; done < until; done++) await ask(done % PERSONAL_EVERY === 0 ? long : other);
};
await requests(EARLY);
const early = resident();
await requests(LATE - EARLY);
const late = resident();
await stop(child);
await original.close();

const ms = (time: number) => `${time.toFixed(1)} ms`;
const cpu = ({ all: times, cpu: total }: Times) => `${ms(total / times.length)} of processor each`;
console.log(`machine: ${machine()}, load ${loadavg()[0]!.toFixed(1)}`);
console.log('model: ViT-B/32 size, random weights');
console.log(
  `listening after a start: median ${middle(starts).toFixed(2)} s, slowest ${Math.max(...starts).toFixed(2)} s (of ${RESTARTS}; wanted: below 1 s); ${ms(middle(startCpus))} of processor`,
);
console.log(`first personal text, which opens the model: ${ms(first)}`);
const spread = (times: number[]) =>
  `median ${ms(middle(times))}, 95 of 100 within ${ms(middle(times, 0.95))}`;
const described = (times: Times) =>
  `${spread(times.all)}; inside the service ${spread(times.inside)}; ${cpu(times)}`;
console.log(`${ALONE} each, one after the other (wanted: personal texts within 30 ms):`);
console.log(`  personal, ${lengths[0]}: ${described(kinds.short)}`);
console.log(`  personal, ${lengths[1]}: ${described(kinds.long)}`);
console.log(`  passed on: ${described(kinds.passed)}`);
console.log(`  longest collection of garbage in the service: ${ms(collection)}`);
console.log(
  `${AT_ONCE} personal texts at once, ${lengths[1]}: all within ${ms(all)}, median ${ms(middle(together.all))}; ${cpu(together)}`,
);
console.log(
  `memory after ${EARLY} further requests ${early.toFixed(0)} MB, after ${LATE} ${late.toFixed(0)} MB`,
);
