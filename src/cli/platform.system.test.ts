import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photo } from '../../test/data.ts';
import { spawnPolar } from '../../test/polar.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-platform-'));
});
afterAll(() => rm(folder, { recursive: true }));

// As where the optional package is not installed.
const WITHOUT_WEB = `require('node:module').register('data:text/javascript,' + encodeURIComponent(
  'export async function resolve(name, context, next) {' +
  ' if (name.startsWith("onnxruntime-web")) throw Object.assign(new Error("not installed"), { code: "ERR_MODULE_NOT_FOUND" });' +
  ' return next(name, context); }'));`;

/** The environment of a system whose loader refuses the native part of a package, as Alpine's does. */
async function without(name: string, also = ''): Promise<NodeJS.ProcessEnv> {
  const stub = join(folder, `${name}.cjs`);
  const refusal =
    'Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by x.node)';
  await writeFile(
    stub,
    `const open = process.dlopen;
    process.dlopen = (module, file, ...rest) => {
      if (file.includes(${JSON.stringify(name)})) throw Object.assign(new Error(${JSON.stringify(refusal)}), { code: 'ERR_DLOPEN_FAILED' });
      return open.call(process, module, file, ...rest);
    };
    ${also}`,
  );
  return { NODE_OPTIONS: `--require ${stub}` };
}

describe('where a native part cannot be loaded', () => {
  it('the engine: one line says what is supported, and what needs no engine works', async () => {
    const home = join(folder, 'engine');
    await mkdir(home);
    const env = await without('onnxruntime', WITHOUT_WEB);
    const indexed = await spawnPolar(
      home,
      ['learn', 'Rex', photo('dog/00'), photo('dog/01'), '--class', 'dog'],
      env,
    );
    expect(indexed.code).toBe(1);
    expect(indexed.stderr).toMatch(
      /^polar: the engine \(onnxruntime-node\) cannot be loaded on linux x64 \(Error loading [^\n]*\); polar runs on [^\n]*npm install onnxruntime-web[^\n]*$/m,
    );
    expect(indexed.stderr).not.toMatch(/report this|download the model again|unexpected/);
    const listed = await spawnPolar(home, ['models'], env);
    expect(listed.code).toBe(0);
    expect(listed.stdout).toContain('toybox');
  });

  it('the WebAssembly build of the engine stands in where it is installed, and finds the same', async () => {
    const home = join(folder, 'wasm');
    await mkdir(home);
    const env = await without('onnxruntime');
    const indexed = await spawnPolar(home, ['index', dirname(photo('dog/00'))], env);
    expect(indexed.stderr).toContain('The WebAssembly build of the engine computes here');
    expect(indexed.code).toBe(0);
    const search = ['search', 'a dog', '--json'];
    const [slow, fast] = [await spawnPolar(home, search, env), await spawnPolar(home, search)].map(
      ({ stdout }) => JSON.parse(stdout).photos as { path: string; score: number }[],
    );
    expect(slow!.map(({ path }) => path)).toEqual(fast!.map(({ path }) => path));
    for (const [i, { score }] of slow!.entries()) expect(score).toBeCloseTo(fast![i]!.score, 4);
    const { stdout } = await spawnPolar(home, ['doctor'], env);
    expect(stdout).toMatch(/engine: ONNX Runtime [\d.]+, built for wasm/);
  });

  it.each(['sharp', 'lancedb'])(
    'a missing native part gives one line as well, wherever it is loaded: %s',
    async (name) => {
      const home = join(folder, name);
      await mkdir(home);
      const photos = dirname(photo('dog/00'));
      const { code, stderr } = await spawnPolar(home, ['index', photos], await without(name));
      expect(code).toBe(1);
      expect(stderr.split('\n').filter((line) => line.startsWith('polar:'))).toEqual([
        expect.stringMatching(
          /^polar: a part of polar cannot be loaded on linux x64 \(.*\); polar runs on Linux/,
        ),
      ]);
    },
  );
});

describe('the engine', () => {
  it('the engine keeps no identifier of the machine and no figures to send, on either thread', async () => {
    const home = join(folder, 'telemetry');
    const own = join(home, 'own');
    await mkdir(own, { recursive: true });
    const env = { HOME: own, XDG_CACHE_HOME: join(own, '.cache'), TMPDIR: own };
    const indexed = await spawnPolar(home, ['index', dirname(photo('dog/00'))], env);
    expect(indexed.stderr).not.toContain('unexpected');
    expect(indexed.code).toBe(0);
    expect((await spawnPolar(home, ['search', 'a dog'], env)).code).toBe(0);
    const left = await readdir(own, { recursive: true });
    expect(left.filter((name) => /microsoft|onnx|telemetry|\.ses/i.test(name))).toEqual([]);
  });
});
