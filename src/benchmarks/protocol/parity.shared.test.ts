import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPolar } from '../../../test/polar.ts';
import { readReleasedCheckpoint } from '../../node/concepts/checkpoint-file.ts';
import { makeConConChi, makeDeepFashion2, temporaryFolder } from '../data/data-sets.fixture.ts';
import { REAL_PHOTOS, REFERENCE_CLIP, standInPhotos } from '../data/real-photos.fixture.ts';
import type { Table } from '../results/table.ts';
import { percent } from './metrics.ts';

interface Reference {
  readonly figures: Readonly<Record<string, number>>;
  /** Figures with updates of rank two. */
  readonly rank2?: Readonly<Record<string, number>>;
  readonly concept: number;
  readonly A: readonly number[];
  readonly B: readonly number[];
}

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

const reference = async (dataset: string): Promise<Reference> =>
  JSON.parse(await readFile(new URL('reference.fixture.json', import.meta.url), 'utf8'))[dataset];

/** Python prints 50.0 where JSON holds 50. */
const python = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** Runs a command on a data set to a good end and gives back what it printed. */
async function bench(command: string, dataset: string, ...more: string[]): Promise<string> {
  const where = ['--data-path', join(folder, dataset), '--clip-model', REFERENCE_CLIP];
  const { code, stdout, stderr } = await runPolar(folder, ['bench', command, dataset, ...where, ...more]);
  expect(code, stderr).toBe(0);
  return stdout;
}

async function expectCheckpoint(checkpoints: string, { concept, A, B }: Reference, identifier: string) {
  const checkpoint = await readReleasedCheckpoint(join(checkpoints, `concept${concept}.pt`));
  expect(checkpoint.identifier).toBe(identifier);
  const largest = Math.max(...B.map(Math.abs));
  expect(largest).toBeGreaterThan(0.1);
  A.forEach((value, i) => {
    expect(Math.abs(checkpoint.A[i]! - value)).toBeLessThan(1e-3);
  });
  B.forEach((value, i) => {
    expect(Math.abs(checkpoint.B[i]! - value)).toBeLessThan(1e-3);
  });
}

describe('the commands print what an independent computation finds', () => {
  beforeAll(async () => {
    await makeConConChi(join(folder, 'conconchi'), REAL_PHOTOS);
    await bench('extract', 'conconchi');
  });

  it('on photos in the layout of ConCon-Chi', async () => {
    const expected = await reference('conconchi');
    const checkpoints = join(folder, 'c');
    await bench('train', 'conconchi', '--checkpoint-dir', checkpoints);
    await expectCheckpoint(checkpoints, expected, 'sks');
    const figure = (name: string) => python(expected.figures[name]!);
    const context = (title: string, name: string) =>
      `Context (${title}): mAP=${figure(`${name} mAP`)}, mRR=${figure(`${name} mRR`)}, recall@1=${figure(`${name} recall@1`)}\n`;
    expect(await bench('eval', 'conconchi', '--checkpoint-dir', checkpoints)).toBe(
      `Concept-only: mAP=${figure('concept mAP')}, mRR=${figure('concept mRR')}\n${context('all', 'context')}${context('single-concept', 'single')}${context('multi-concept', 'multi')}`,
    );
    const captions = ['--captions', join(folder, 'conconchi/captions.json'), '--checkpoint-dir', checkpoints];
    expect(await bench('captions', 'conconchi', ...captions)).toBe(
      `Original CLIP VLM caption r@10=${figure('captions plain')}\nVLM caption r@10=${figure('captions')}\n`,
    );
  });

  it('the figures with updates of rank two are equal', async () => {
    const { rank2 } = await reference('conconchi');
    const json = await bench(
      'ablate',
      'conconchi',
      'rank',
      '2',
      '--json',
      '--checkpoint-dir',
      join(folder, 'c'),
    );
    const { rows } = JSON.parse(json) as {
      rows: { label: string; cells: Record<string, { value: number }> }[];
    };
    const { cells } = rows.find(({ label }) => label === 'POLAR, rank=2')!;
    for (const figure of [
      'concept mAP',
      'concept mRR',
      'context mAP',
      'context mRR',
      'single mAP',
      'multi mRR',
    ]) {
      expect(percent(cells[figure]!.value), figure).toBe(python(rank2![figure]!));
    }
  });

  it('on photos in the layout of DeepFashion2', async () => {
    await makeDeepFashion2(join(folder, 'deepfashion2'), REAL_PHOTOS);
    const expected = await reference('deepfashion2');
    const checkpoints = join(folder, 'd');
    await bench('extract', 'deepfashion2');
    await bench('train', 'deepfashion2', '--num-train-images', '3', '--checkpoint-dir', checkpoints);
    await expectCheckpoint(checkpoints, expected, 'sks fancy boot');
    const figure = (name: string) => python(expected.figures[name]!);
    expect(await bench('eval', 'deepfashion2', '--checkpoint-dir', checkpoints)).toBe(
      `Concept-only: mAP=${figure('concept mAP')}, mRR=${figure('concept mRR')}\nContext: mRR=${figure('context mRR')}, recall@5=${figure('context recall@5')}\n`,
    );
  });

  it('on the real annotations of DeepFashion2', async () => {
    await standInPhotos(join(folder, 'annotations'));
    const { figures } = await reference('annotations');
    const where = [
      '--data-path',
      join(folder, 'annotations'),
      '--clip-model',
      REFERENCE_CLIP,
      '--split',
      'test',
    ];
    const { code, stdout, stderr } = await runPolar(folder, [
      ...['bench', 'run', 'deepfashion2', ...where, '--checkpoint-dir', join(folder, 'r'), '--json'],
    ]);
    expect(code, stderr).toBe(0);
    const { rows } = JSON.parse(stdout) as Table;
    expect(rows[0]!.label).toBe('POLAR');
    for (const [name, figure] of Object.entries(figures)) {
      expect(percent(rows[0]!.cells[name]!.value), name).toBe(python(figure));
    }
  }, 180_000);
});
