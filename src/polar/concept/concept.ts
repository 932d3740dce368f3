import type { FamilyName, Forward } from '../../clip/index.ts';
import { PolarError, quote } from '../../errors.ts';
import type { Matrix } from '../../matrix.ts';
import { tell } from '../../messages.ts';

/** A personal thing that a model has learnt. */
export interface Concept {
  /** What the user calls it. */
  readonly name: string;
  /** How it is written in a text for the model: `sks`, or `sks <class>`. */
  readonly identifier: string;
  /** What kind of thing it is (`dog`), or null. */
  readonly className: string | null;
  /** `[D]`, unit norm. */
  readonly A: Float32Array;
  /** `[D]` */
  readonly B: Float32Array;
  /** The model it was learnt with: repository, `toybox`, or folder. */
  readonly modelId: string;
  /** Commit of the repository, or fingerprint of the folder. */
  readonly revision: string;
  /** The family of that model; absent for CLIP's. */
  readonly family?: FamilyName | undefined;
  /** Index of the text layer that the update belongs to, the last one. */
  readonly layer: number;
  /** lambda */
  readonly regWeight: number;
  readonly iterations: number;
  readonly learningRate: number;
  readonly forward: Forward;
  readonly seed: number;
  /** SHA-256 of each training photo's file. */
  readonly photoHashes: readonly string[];
  /** Image features of the training photos, `[n, P]`, unit rows; null for an adapter that came without them. */
  readonly features: Matrix | null;
  /** Image features of photos that are not the thing, `[k, P]`, unit rows; absent where there were none. */
  readonly lookAlikes?: Matrix;
  /** When it was learnt, ISO 8601. */
  readonly created: string;
}

/** The released code's stand-in word, which CLIP knows but nobody uses. */
export const IDENTIFIER = 'sks';

/** Longest class name; a longer one leaves no room for a sentence among a text's 77 tokens. */
export const MAX_CLASS_LENGTH = 60;

/**
 * `sks`, or `sks dog` for the class `dog`.
 *
 * @throws PolarError for a class that cannot stand in a sentence
 */
export function identifierOf(className: string | null): string {
  if (className !== null && (className.length > MAX_CLASS_LENGTH || /\p{Cc}/u.test(className))) {
    throw new PolarError(tell('concept.class', { name: quote(className), most: MAX_CLASS_LENGTH }));
  }
  return className === null ? IDENTIFIER : `${IDENTIFIER} ${className}`;
}

/** What a concept must have in common with the model it is used with. */
interface ModelIdentity {
  readonly id: string;
  readonly revision: string;
  readonly width: number;
  /** P */
  readonly dimension: number;
  readonly lastLayer: number;
}

/**
 * Refuses a concept that was learnt with another model: its update would be noise there.
 *
 * @throws PolarError with the remedy
 */
export function requireSameModel(concept: Concept, model: ModelIdentity): void {
  const { name, modelId, revision, features, lookAlikes } = concept;
  if (modelId !== model.id || revision !== model.revision) {
    const stateOf = (id: string, revision: string) => `${id}@${revision.slice(0, 12)}`;
    const both = { name, learnt: stateOf(modelId, revision), used: stateOf(model.id, model.revision) };
    throw new PolarError(
      modelId === model.id
        ? tell('concept.older-state', both)
        : tell('concept.learnt-with', { ...both, model: modelId }),
      'wrong-model',
    );
  }
  if (concept.A.length !== model.width || concept.layer !== model.lastLayer) {
    const why = `it updates layer ${concept.layer} of width ${concept.A.length}, the model ends with layer ${model.lastLayer} of width ${model.width}`;
    throw new PolarError(tell('concept.other-size', { name, model: model.id, why }), 'wrong-model');
  }
  const columns = [features, lookAlikes].find((kept) => kept && kept.columns !== model.dimension)?.columns;
  if (columns !== undefined) {
    const why = `it keeps photo features of ${columns} numbers, the model has ${model.dimension}`;
    throw new PolarError(tell('concept.other-size', { name, model: model.id, why }), 'wrong-model');
  }
}
