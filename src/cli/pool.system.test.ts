import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../dist/cli/polar.cjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'polar-pool-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Threads of the installed command at its end, on a machine that says how many cores it has. */
function threadsOf(cores: number, env: NodeJS.ProcessEnv = {}): number {
  const machine = join(folder, `cores-${cores}.cjs`);
  writeFileSync(
    machine,
    `require('node:os').availableParallelism = () => ${cores};
    process.on('exit', () => console.error(require('node:fs').readdirSync('/proc/self/task').length));`,
  );
  const { UV_THREADPOOL_SIZE: _, ...rest } = process.env;
  const script = `'${process.execPath}' --require '${machine}' '${program}' --version 2>&1 >/dev/null`;
  return Number(execFileSync('sh', ['-c', script], { env: { ...rest, ...env }, encoding: 'utf8' }));
}

it.runIf(process.platform === 'linux')(
  'a photo can be decoded on every core, and on four threads at the least',
  () => {
    const four = threadsOf(2);
    expect(threadsOf(12) - four).toBe(8);
    expect(threadsOf(12, { UV_THREADPOOL_SIZE: '5' }) - four).toBe(1);
  },
);
