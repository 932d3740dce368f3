/**
 * Runs a notebook from top to bottom with Deno's Jupyter kernel and writes its outputs into the file:
 *
 *     npm run notebook
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBeside } from '../src/node/files.ts';
import { type Output, startKernel } from './jupyter-kernel.ts';

/** A notebook file, nbformat 4. */
export interface Notebook {
  readonly cells: Cell[];
}

export interface Cell {
  readonly id: string;
  readonly cell_type: 'code' | 'markdown';
  readonly source: readonly string[];
  execution_count?: number;
  outputs?: Output[];
}

const DENO = fileURLToPath(new URL('../node_modules/deno/deno', import.meta.url));

/** Whether the kernel is installed: `deno` is an npm package with a binary for the usual platforms. */
export const hasKernel = (): boolean => existsSync(DENO) || existsSync(`${DENO}.exe`);

/** Executes every code cell of a notebook; stops at the first one that fails. */
export async function runNotebook(path: string, env?: NodeJS.ProcessEnv): Promise<Notebook> {
  const notebook = JSON.parse(await readFile(path, 'utf8')) as Notebook;
  const kernel = await startKernel([DENO, 'jupyter', '--kernel', '--conn'], dirname(path), env);
  try {
    let count = 0;
    for (const cell of notebook.cells) {
      if (cell.cell_type !== 'code') continue;
      count += 1;
      cell.execution_count = count;
      cell.outputs = await kernel.execute(cell.source.join(''));
      if (cell.outputs.some(({ output_type: type }) => type === 'error')) break;
    }
    await kernel.settle();
  } finally {
    await kernel.close();
  }
  for (const { id, outputs = [] } of notebook.cells) {
    const failed = outputs.find((output) => output.output_type === 'error');
    if (failed !== undefined) {
      throw new Error(`${path}: cell "${id}" failed: ${failed.ename}: ${failed.evalue}`);
    }
  }
  return notebook;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = process.argv[2]!;
  await writeBeside(path, `${JSON.stringify(await runNotebook(path), null, 1)}\n`);
  console.log(`Executed and written: ${path}`);
}
