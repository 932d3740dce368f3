/**
 * polar-vl in a browser: the same graphs and the same method over ONNX Runtime's WebAssembly (or WebGPU), with photos
 * that never leave the machine.
 *
 * @module polar-vl/browser
 */
export { type Answer, type AskOptions, ask, type Question } from '../app/ask.ts';
export { type EmbeddedHit, type EmbeddedPhoto, EmbeddedPhotos } from '../app/embedded-photos.ts';
export { type FrozenTexts, selectTexts } from '../clip/frozen-texts.ts';
export { composeUpdates, type Update } from '../clip/update.ts';
export { PolarError } from '../errors.ts';
export { type Matrix, matrixOf, normalizeRows, rowOf } from '../matrix.ts';
export { checkExamples, type ExampleCheck } from '../polar/check-photos.ts';
export { type ConceptFiles, decodeConcept, encodeConcept } from '../polar/concept/adapter.ts';
export type { Concept } from '../polar/concept/concept.ts';
export type { LearnOptions, Learnt } from '../polar/learn.ts';
export { type PersonalizeOptions, personalize } from '../polar/personalize.ts';
export { mixQuery, type QueryParts } from '../polar/query/mix.ts';
export { encodeSentence, type PersonalSentence, personalSentence } from '../polar/query/sentence.ts';
export type { Device, EngineOptions } from './engine.ts';
export { type DownloadProgress, sha256 } from './fetch-bytes.ts';
export type { FetchModelOptions } from './fetch-model.ts';
export { learn } from './learn.ts';
export { type Clip, type LoadClipOptions, loadClip } from './load-clip.ts';
export { makeThumbnail, type OpenPicture, openPicture } from './picture.ts';
