import { FAMILY_NAMES } from '../../clip/config.ts';
import { FORWARDS } from '../../clip/frozen-texts.ts';
import { quote } from '../../errors.ts';
import { DEFAULT_SEED, DEFAULT_TRAINING } from '../training-defaults.ts';
import { damaged, parseObject } from './adapter-config.ts';
import { type Concept, IDENTIFIER, MAX_CLASS_LENGTH } from './concept.ts';

/** What a concept's file says of it beside the numbers. */
export type ConceptMetadata = Omit<Concept, 'A' | 'B' | 'features' | 'lookAlikes' | 'layer'>;

/** Most photos a concept may be learnt from. Their features would fill 20 MB with CLIP's. */
export const MAX_PHOTOS = 10_000;
/** The largest seed of CPython's and torch's generators that both take as it is. */
const MAX_SEED = 2 ** 32 - 1;

interface Check {
  readonly expected: string;
  readonly isSound: (value: unknown) => boolean;
}

const text = (most: number): Check => ({
  expected: `a text of at most ${most} characters, without control characters`,
  isSound: (value) => typeof value === 'string' && value.length <= most && !/\p{Cc}/u.test(value),
});
const numberFrom = (low: number, high: number, isWhole = false): Check => ({
  expected: `a ${isWhole ? 'whole ' : ''}number from ${low} to ${high}`,
  isSound: (value) =>
    typeof value === 'number' && value >= low && value <= high && (!isWhole || Number.isInteger(value)),
});

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const HASH = /^[0-9a-f]{64}$/;

const CHECKS: Readonly<Record<keyof ConceptMetadata, Check>> = {
  // Whatever it is; whoever imports it may give another one, which is checked then.
  name: {
    expected: 'a text of at most 255 characters',
    isSound: (value) => typeof value === 'string' && value.length <= 255,
  },
  identifier: text(MAX_CLASS_LENGTH + 16),
  className: {
    expected: `null, or a text of at most ${MAX_CLASS_LENGTH} characters`,
    isSound: (value) => value === null || text(MAX_CLASS_LENGTH).isSound(value),
  },
  modelId: text(4096), // may be a path
  revision: text(255),
  family: {
    expected: FAMILY_NAMES.join(', '),
    isSound: (value) => value === undefined || FAMILY_NAMES.some((family) => family === value),
  },
  regWeight: numberFrom(0, 1e6),
  iterations: numberFrom(0, 1e6, true),
  learningRate: numberFrom(0, 1),
  forward: {
    expected: FORWARDS.join(' or '),
    isSound: (value) => FORWARDS.some((forward) => forward === value),
  },
  seed: numberFrom(0, MAX_SEED, true),
  photoHashes: {
    expected: `at most ${MAX_PHOTOS} hashes of 64 hexadecimal digits`,
    isSound: (value) =>
      Array.isArray(value) &&
      value.length <= MAX_PHOTOS &&
      value.every((hash) => typeof hash === 'string' && HASH.test(hash)),
  },
  created: {
    expected: 'a time such as 2026-01-02T03:04:05.000Z',
    isSound: (value) => value === '' || (typeof value === 'string' && DATE.test(value)),
  },
};

/**
 * Reads what this program wrote into the metadata of the weights; what is not said, as in an adapter by another
 * program, takes the defaults.
 *
 * @throws PolarError naming the first thing that is said and makes no sense
 */
export function readMetadata(
  metadata: Readonly<Record<string, string>>,
  file: string,
  defaults: Pick<Concept, 'name' | 'modelId' | 'revision'>,
): ConceptMetadata {
  const said = metadata.polar === undefined ? {} : parseObject(metadata.polar);
  if (said === undefined) {
    throw damaged(file, 'its "polar" metadata is not a JSON object');
  }
  const whole: Record<string, unknown> = {
    identifier: IDENTIFIER,
    className: null,
    regWeight: DEFAULT_TRAINING.regWeight,
    iterations: 0,
    learningRate: DEFAULT_TRAINING.learningRate,
    forward: DEFAULT_TRAINING.forward,
    seed: DEFAULT_SEED,
    photoHashes: [],
    created: '',
    ...defaults,
  };
  for (const [name, { expected, isSound }] of Object.entries(CHECKS)) {
    if (Object.hasOwn(said, name)) whole[name] = said[name];
    if (isSound(whole[name])) continue;
    throw damaged(file, `${name} is ${quote(whole[name])}, expected ${expected}`);
  }
  return whole as unknown as ConceptMetadata;
}
