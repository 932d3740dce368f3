// Loaded into a server's process (`node --import`): notes how long each HTTP request takes there, from its headers to the
// end of its answer, and the collections of garbage. SIGUSR2 writes what came since the last one into
// POLAR_BENCH_TIMES.
import { subscribe } from 'node:diagnostics_channel';
import { renameSync, writeFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

const file = process.env.POLAR_BENCH_TIMES ?? 'times.json';
const started = new WeakMap();
/** @type {number[]} */
let requests = [];
let longestCollection = 0;
/** @param {any} message what Node's channels of HTTP servers tell */
const begin = ({ request }) => started.set(request, performance.now());
/** @param {any} message */
const end = ({ request }) => requests.push(performance.now() - started.get(request));
subscribe('http.server.request.start', begin);
subscribe('http.server.response.finish', end);
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longestCollection = Math.max(longestCollection, duration);
}).observe({ entryTypes: ['gc'] });
process.on('SIGUSR2', () => {
  writeFileSync(`${file}.partial`, JSON.stringify({ requests, longestCollection }));
  renameSync(`${file}.partial`, file);
  requests = [];
  longestCollection = 0;
});
