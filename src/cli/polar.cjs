#!/usr/bin/env node
// The command as it is installed. CommonJS, because libuv asks how many threads its pool is to have when the first file
// is read with it, and Node reads ES modules so: photos are decoded on these threads, 4 whatever the machine has.
const { availableParallelism } = require('node:os');

const LEAST = 4; // libuv's own number: what waits for a disk or a server takes no core
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(LEAST, availableParallelism()));

void import('./main.js');
