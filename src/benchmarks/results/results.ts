import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeBeside } from '../../node/files.ts';
import type { Dataset, Split } from '../data/benchmark.ts';
import type { CaptionEvaluation } from '../protocol/captions.ts';
import type { Evaluation } from '../protocol/evaluate.ts';

/** Kind of a result: its row in the table. */
export const RESULT_KINDS = ['polar', 'baseline', 'ablation', 'seed'] as const;
export type ResultKind = (typeof RESULT_KINDS)[number];

/** One row of the table, kept beside the checkpoints it was computed from. */
export interface Result {
  /** Name of the file and of the row on the command line: `polar`, `image-text`, `lambda=0.1`. */
  readonly id: string;
  readonly kind: ResultKind;
  /** Name for people. */
  readonly label: string;
  readonly dataset: Dataset;
  readonly split: Split;
  readonly model: string;
  /** Hash of everything the evaluation depends on; when it changes, the evaluation is done again. */
  readonly key: string;
  readonly evaluation: Evaluation;
  /** Caption recall@10, where it was computed, with the hash of what it depends on. */
  readonly captions?: CaptionEvaluation & { readonly key: string };
}

const resultFolder = (folder: string): string => join(folder, 'results');
const resultFile = (folder: string, id: string): string => join(resultFolder(folder), `${id}.json`);

/** Writes a result, over one of the same name. */
export async function saveResult(folder: string, result: Result): Promise<void> {
  await writeBeside(resultFile(folder, result.id), JSON.stringify(result));
}

/** Reads one result; undefined where there is none. */
export async function readResult(folder: string, id: string): Promise<Result | undefined> {
  const text = await readFile(resultFile(folder, id), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text, restoreNaN) as Result);
}

/** JSON writes NaN, the figure of no queries, as null; a result holds no other null. */
function restoreNaN(_: string, value: unknown): unknown {
  return value === null ? Number.NaN : value;
}

/** All results beside the checkpoints of `folder`: POLAR first, then baselines, ablations and seeds. */
export async function listResults(folder: string): Promise<Result[]> {
  const names = await readdir(resultFolder(folder)).catch(() => []);
  const results: Result[] = [];
  for (const name of names.filter((file) => file.endsWith('.json'))) {
    results.push((await readResult(folder, name.slice(0, -'.json'.length)))!);
  }
  const order = ({ kind }: Result) => RESULT_KINDS.indexOf(kind);
  return results.sort((a, b) => order(a) - order(b) || a.id.localeCompare(b.id, 'en', { numeric: true }));
}
