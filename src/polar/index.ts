/**
 * The method, for people who extend it: training, sentences with concepts in them, and what judges the results. The
 * graphs that it runs on are in `polar-vl/clip`.
 *
 * @module polar-vl/polar
 */
export { checkExamples, type ExampleCheck } from './check-photos.ts';
export {
  type ConceptFiles,
  decodeConcept,
  encodeConcept,
} from './concept/adapter.ts';
export { type Concept, IDENTIFIER, identifierOf, requireSameModel } from './concept/concept.ts';
export {
  decodeReleasedCheckpoint,
  encodeReleasedCheckpoint,
  type ReleasedCheckpoint,
} from './concept/released-checkpoint.ts';
export { unzipConcept, zipConcept } from './concept/zip.ts';
export {
  type LearnOptions,
  type Learnt,
  learnFromFeatures,
  type PhotoFeatures,
  type PhotosToLearn,
} from './learn.ts';
export { type Personalized, type PersonalizeOptions, personalize } from './personalize.ts';
export { PROMPT_TEMPLATES, samplePrompts } from './prompts.ts';
export { findMentions, type Mention } from './query/mentions.ts';
export { mixQuery, type QueryParts } from './query/mix.ts';
export {
  type Background,
  measureBackground,
  RELEVANCE,
  type Relevance,
  relevanceJudge,
} from './query/relevance.ts';
export type { Scored, Searchable } from './query/searchable.ts';
export { encodeSentence, type PersonalSentence, personalSentence, plainSentence } from './query/sentence.ts';
export { measureSeparation, type Ranking, type Separation } from './query/separation.ts';
export { PythonRandom } from './random/python.ts';
export { kaimingUniformA, torchUniform } from './random/torch.ts';
export type { PersonalizeTask } from './training-batch.ts';
export { DEFAULT_SEED, DEFAULT_TRAINING } from './training-defaults.ts';
