import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, runPolar } from '../../test/polar.ts';
import { samplePhotos } from '../../tools/sample-photos.ts';
import { readToyboxPhotos, type ToyboxPhoto } from '../toybox/make-photos.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'polar-toybox-'));
});
afterAll(() => rm(home, { recursive: true }));

async function polar(...args: string[]): Promise<Outcome> {
  const outcome = await runPolar(home, args);
  expect(outcome.code, `polar ${args.join(' ')}\n${outcome.stderr}`).toBe(0);
  return outcome;
}

describe('with no model named and none in the cache', () => {
  let truth: ReadonlyMap<string, ToyboxPhoto>;

  beforeAll(async () => {
    const { library, things } = await samplePhotos();
    truth = await readToyboxPhotos(dirname(library));
    const { stderr } = await polar('index', library);
    expect(stderr).toMatch(
      /^Using Toybox, the small model that ships with polar\. .* polar models download ViT-B-16-SigLIP2__webli\n/,
    );
    for (const { name, examples, className } of things)
      await polar('learn', name, examples, '--class', className);
  }, 120_000);

  /** What the best photos show. */
  async function find(sentence: string, top: number, ...options: string[]): Promise<ToyboxPhoto[]> {
    const { stdout } = await polar('search', sentence, '--top', String(top), ...options);
    return stdout
      .trim()
      .split('\n')
      .map((path) => truth.get(basename(path))!);
  }

  it('Toybox finds the personal things, and not those that only have their class', async () => {
    const own = async (...options: string[]) => {
      let count = 0;
      for (const name of ['Rex', 'Mimi', 'Bolt']) {
        const found = await find(`a photo of ${name}`, 8, ...options);
        count += found.filter(({ shows }) => shows.includes(name)).length;
      }
      return count;
    };
    expect(await own()).toBeGreaterThanOrEqual(16); // two thirds of the first eight, of each a tenth of the library
    expect(await own('--plain')).toBeLessThanOrEqual(2);
  });

  it('Toybox finds it in context: the right place with the right thing comes first', async () => {
    for (const [sentence, setting] of [
      ['Rex in the snow', 'snow'],
      ['Rex on the beach', 'beach'],
      ['Mimi on the beach', 'beach'],
    ] as const) {
      const [first] = await find(sentence, 1);
      expect({
        sentence,
        shows: first!.shows.includes(sentence.split(' ')[0]!),
        setting: first!.setting,
      }).toEqual({
        sentence,
        shows: true,
        setting,
      });
    }
  });

  it('Toybox finds two personal things together', async () => {
    const both = async (...options: string[]) =>
      (await find('Mimi and Bolt', 3, ...options)).filter(
        ({ shows }) => shows.includes('Mimi') && shows.includes('Bolt'),
      ).length;
    expect(await both()).toBeGreaterThanOrEqual(2);
    expect(await both('--plain')).toBe(0);
  });

  it('Toybox finds what it knows without learning anything', async () => {
    const found = await find('a photo of something in the snow', 5);
    expect(found.filter(({ setting }) => setting === 'snow').length).toBeGreaterThanOrEqual(4);
  });
});

interface Row {
  readonly label: string;
  readonly cells: Readonly<Record<string, { readonly value: number }>>;
}

it('on the Toybox ConCon-Chi POLAR is better than every baseline, and forgets nothing', async () => {
  const path = join(home, 'conconchi');
  await polar('toybox', 'make-conconchi', path);
  const { stdout } = await polar(
    ...['bench', 'run', 'conconchi', '--data-path', path, '--clip-model', 'toybox', '--json'],
    ...['--captions', join(path, 'toybox_captions.json'), '--checkpoint-dir', join(home, 'checkpoints')],
  );
  const rows = (JSON.parse(stdout) as { rows: Row[] }).rows;
  const value = (label: RegExp, column: string) =>
    rows.find((row) => label.test(row.label))!.cells[column]!.value;
  const mrr = value(/^POLAR$/, 'context mRR');
  for (const baseline of [/class name/, /mean image/, /image \+ text/]) {
    expect(mrr, String(baseline)).toBeGreaterThan(value(baseline, 'context mRR'));
  }
  const recall = 'caption recall@10';
  expect(value(/^POLAR$/, recall)).toBeGreaterThan(value(/^plain CLIP \(captions\)/, recall) - 0.01);
}, 240_000);

it('writes a data set in the layout of DeepFashion2 that the benchmark reads', async () => {
  const path = join(home, 'deepfashion2');
  await polar('toybox', 'make-deepfashion2', path);
  for (const split of ['test', 'validation']) {
    const { stdout } = await polar('bench', 'check', 'deepfashion2', '--data-path', path, '--split', split);
    expect(stdout).toMatch(/10 concepts/);
  }
}, 120_000);
