import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hasKernel, type Notebook, runNotebook } from '../tools/run-notebook.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = `${root}notebooks/personalize_demo.ipynb`;

// A committed notebook is read in a browser: pictures of a few kilobytes each.
const MAX_BYTES = 1_000_000;

const kinds = (notebook: Notebook, id: string): string[] =>
  (notebook.cells.find((cell) => cell.id === id)?.outputs ?? []).flatMap((output) =>
    'data' in output ? Object.keys(output.data) : [output.output_type],
  );

/** That a notebook shows what it is for. */
function expectComplete(notebook: Notebook): void {
  for (const id of ['photos', 'with', 'without', 'context', 'two']) {
    expect(kinds(notebook, id), id).toContain('image/jpeg');
  }
  expect(kinds(notebook, 'learn')).toEqual(['stream']);
  expect(kinds(notebook, 'plot')).toEqual(['image/svg+xml']);
  expect(kinds(notebook, 'numbers')).toEqual(['text/markdown']);
}

describe('the notebook', () => {
  it('the notebook is committed with its outputs, pictures included, and small', async () => {
    expectComplete(JSON.parse(await readFile(file, 'utf8')) as Notebook);
    expect((await stat(file)).size).toBeLessThan(MAX_BYTES);
  });

  const name = 'runs from top to bottom, and finds with the concept what the class alone does not';
  if (!hasKernel()) {
    it.skip(`${name} (skipped: the npm package deno has no binary here, or its install script did not run)`);
  } else {
    it(name, { timeout: 300_000 }, async () => {
      const notebook = await runNotebook(file, { ...process.env, NO_COLOR: '1', POLAR_MODEL: 'toybox' });
      expectComplete(notebook);
      const [output] = notebook.cells.find((cell) => cell.id === 'numbers')!.outputs!;
      const table = String((output as { data: Record<string, unknown> }).data['text/markdown']);
      const rows = [...table.matchAll(/^\| (\w+) \| ([\d.]+) \| ([\d.]+) \|$/gm)];
      expect(rows.map(([, thing]) => thing)).toEqual(['Rex', 'Mimi']);
      for (const [, thing, personal, plain] of rows) {
        expect(Number(personal), thing).toBeGreaterThan(Number(plain));
      }
    });
  }
});
