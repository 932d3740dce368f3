/**
 * Compiles kernel.as, AssemblyScript, into src/clip/pixels/resample-kernel.ts.
 *
 *     npx tsx tools/resample-kernel/build.ts
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const KERNEL = new URL('./kernel.as', import.meta.url);
const MODULE = new URL('../../src/clip/pixels/resample-kernel.ts', import.meta.url);

/** The source of the module that holds the kernel. */
export async function compileKernel(): Promise<string> {
  const source = await readFile(KERNEL, 'utf8');
  const { error, stderr, binary } = await asc.compileString({ 'kernel.ts': source }, {
    optimizeLevel: 3,
    shrinkLevel: 0,
    runtime: 'stub',
    enable: ['simd'],
    importMemory: true,
    noAssert: true,
  } as Parameters<typeof asc.compileString>[1]);
  if (error !== null || binary === null) throw new Error(`kernel.as: ${stderr.toString()}`);
  const text = Buffer.from(binary).toString('base64');
  return [
    '// Written by tools/resample-kernel/build.ts from kernel.as beside it.',
    '',
    '/** The passes of the resampler as a WebAssembly module, in base64. */',
    'export const RESAMPLE_KERNEL =',
    `  '${text}';`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(MODULE, await compileKernel());
