// npm run torture [-- <minutes> [<seed>]]: damaged files for every reader, then kills at every system call.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { fuzzOnce } from './fuzz.ts';
import { killAtSystemCalls } from './kills.ts';
import { makeReaders } from './readers.ts';

const minutes = Number(argv[2] ?? 10);
const seed = Number(argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const print = (line: string): void => void stdout.write(`${line}\n`);

const folder = await mkdtemp(join(tmpdir(), 'polar-torture-'));
let problems = 0;
try {
  print(`seed ${seed}, ${minutes} minutes (the same files again: npm run torture -- ${minutes} ${seed})`);
  const readers = await makeReaders(folder);
  const end = Date.now() + minutes * 60_000;
  let files = 0;
  for (let next = seed; Date.now() < end; next++) {
    for (const reader of readers) {
      files++;
      const finding = await fuzzOnce(reader, next);
      if (finding === undefined) continue;
      problems++;
      print(`${finding.reader}, seed ${finding.seed}: ${finding.problem}`);
    }
  }
  print(`${files} damaged files for ${readers.length} readers`);
  for (const line of await killAtSystemCalls(join(folder, 'kills'), print)) {
    problems++;
    print(line);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
print(problems === 0 ? 'nothing found' : `${problems} problems`);
process.exitCode = problems === 0 ? 0 : 1;
