import { PolarError } from '../../errors.ts';
import { DEFAULT_SEED, DEFAULT_TRAINING } from '../../polar/training-defaults.ts';

/** The data sets of the paper. */
export const DATASETS = ['conconchi', 'deepfashion2'] as const;
/** One of {@link DATASETS}. */
export type Dataset = (typeof DATASETS)[number];

/** DeepFashion2's halves; ConCon-Chi has the first only. */
export const SPLITS = ['test', 'validation'] as const;
/** One of {@link SPLITS}. */
export type Split = (typeof SPLITS)[number];

/** One personal thing of a data set. */
export interface BenchmarkConcept {
  /** Class of the thing (`skirt`), or null where the annotations have none. */
  readonly className: string | null;
  /** Which rows of the training features are its own. */
  readonly trainRows: readonly number[];
}

/** One sentence to search with. */
export interface BenchmarkQuery {
  /** The sentence with `*` for each concept. */
  readonly template: string;
  /** Indices of its concepts, in the order of the `*`. */
  readonly concepts: readonly number[];
  /** Positions in the pool that it should find. */
  readonly groundTruth: readonly number[];
}

/** A data set as the released code reads it. Image paths are relative to `path`. */
export interface Benchmark {
  readonly dataset: Dataset;
  readonly split: Split;
  readonly path: string;
  readonly concepts: readonly BenchmarkConcept[];
  /** One a row of the training features. */
  readonly trainImages: readonly string[];
  /** The retrieval pool; the position is the id. */
  readonly pool: readonly string[];
  readonly queries: readonly BenchmarkQuery[];
  /** Pool positions that concept-only queries rank: ConCon-Chi leaves out images of several concepts. */
  readonly conceptPool: readonly number[];
  /** For each concept, the pool positions of its images within `conceptPool`. */
  readonly conceptGroundTruth: readonly (readonly number[])[];
}

/** Defaults of the released scripts for a data set. */
export interface Protocol {
  /** lambda */
  readonly regWeight: number;
  readonly seed: number;
  /** Training images drawn for each concept; null takes them all. */
  readonly trainImages: number | null;
  /** Writes concept `index` as a word for the model. */
  readonly identifier: (word: string, concept: BenchmarkConcept) => string;
  /** Puts the identifiers in a query's sentence. */
  readonly fill: (template: string, identifiers: readonly string[]) => string;
}

/** How each data set is learnt and evaluated. */
export const PROTOCOLS: Readonly<Record<Dataset, Protocol>> = {
  conconchi: {
    regWeight: DEFAULT_TRAINING.regWeight,
    seed: DEFAULT_SEED,
    trainImages: null,
    identifier: (word) => word,
    // Part, identifier, part, identifier ... and the last part: the same where there is one `*` a concept.
    fill: (template, identifiers) => {
      const parts = template.split('*');
      const pairs = Math.min(parts.length, identifiers.length);
      const filled = parts.slice(0, pairs).map((part, index) => part + identifiers[index]!);
      return filled.join('') + parts.at(-1)!;
    },
  },
  deepfashion2: {
    regWeight: 0.1,
    seed: 123,
    trainImages: 5,
    identifier: (word, { className }) => `${word} ${className}`,
    fill: (template, identifiers) => template.split('*').join(identifiers[0]!),
  },
};

/** The text of concept-only retrieval. */
export const conceptText = (identifier: string): string => `An image of ${identifier}`;

/** Everything that is wrong with a data set's files, found before any work. */
export class BenchmarkDataError extends PolarError {
  override name = 'BenchmarkDataError';
  readonly problems: readonly string[];
  readonly #path: string;
  readonly #remedy: string;

  constructor(path: string, problems: readonly string[], remedy: string) {
    const shown = problems.length === 1 ? problems[0]! : `${problems.length} things are missing or wrong`;
    super(`${path}: ${shown}; ${remedy}`, 'unreadable');
    this.problems = problems;
    this.#path = path;
    this.#remedy = remedy;
  }

  /** This error and others as one. */
  with(others: readonly BenchmarkDataError[]): BenchmarkDataError {
    const problems = [this, ...others].flatMap((error) => error.problems);
    return new BenchmarkDataError(this.#path, problems, this.#remedy);
  }
}
