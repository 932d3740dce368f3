/**
 * polar-vl: teach CLIP a personal thing from about five photos, then find it with a sentence.
 * POLAR, CVPR 2025, arXiv 2506.10182.
 *
 * @module polar-vl
 */
export * from './benchmarks/index.ts';
export type { FrozenClip, GraphWriter } from './clip/clip.ts';
export { type Activation, type ClipConfig, readClipConfig } from './clip/config.ts';
export type { Box, DecodedImage } from './clip/decoded-image.ts';
export { FORWARDS, type Forward, type FrozenTexts, selectTexts } from './clip/frozen-texts.ts';
export {
  type DownloadProgress,
  defaultModel,
  hasToybox,
  type ModelLocation,
  type ResolveOptions,
  resolveModel,
} from './clip/hub.ts';
export { type CachedModel, hubCacheFolder, listCachedModels } from './clip/hub-cache.ts';
export { decodeImage, type ImageSource } from './clip/image.ts';
export { loadPixels } from './clip/image-batch.ts';
export { type Clip, type LoadClipOptions, loadClip, openClip } from './clip/load-clip.ts';
export { SHORT_NAMES, TOYBOX } from './clip/model-name.ts';
export { type PreprocessorConfig, preprocess } from './clip/preprocess.ts';
export { PolarError } from './errors.ts';
export { chooseModel } from './library/choose-model.ts';
export { type ContactSheet, writeContactSheet } from './library/contact-sheet.ts';
export { polarHome } from './library/home.ts';
export { finishIndex, type IndexOptions, type IndexSummary, indexPhotos } from './library/index-photos.ts';
export { type LibraryPhoto, type OpenLibrary, openLibrary } from './library/open-library.ts';
export { type IndexedModel, listFailed, MAX_EXACT_PHOTOS, PhotoStore } from './library/photo-table.ts';
export { mixQuery, type QueryParts } from './library/query.ts';
export { type Background, measureBackground, type Relevance, relevanceJudge } from './library/relevance.ts';
export { type FolderScan, PHOTO_ENDINGS, SKIPPED_FOLDERS, scanPhotos } from './library/scan.ts';
export {
  countPhotos,
  type FoundPhoto,
  type PhotoFilter,
  samplePhotos,
  searchPhotos,
} from './library/search-photos.ts';
export { measureSeparation, type Ranking, type Separation } from './library/separation.ts';
export { isInShard, parseShard, type Shard } from './library/shard.ts';
export { type WatchOptions, watchPhotos } from './library/watch-photos.ts';
export { type Matrix, matrixOf, normalizeRows, rowOf } from './matrix.ts';
export { type Concept, IDENTIFIER, identifierOf, requireSameModel } from './polar/concept.ts';
export { readConcept, saveConcept } from './polar/concept-file.ts';
export { ConceptStore, checkConceptName } from './polar/concept-store.ts';
export { unzipConcept, zipConcept } from './polar/concept-zip.ts';
export { checkExamples, type ExampleCheck } from './polar/examples.ts';
export { type LearnConceptOptions, learnConcept, type TrainingPhoto } from './polar/learn.ts';
export type { LearnOptions, Learnt } from './polar/learn-features.ts';
export { findMentions, type Mention } from './polar/mentions.ts';
export {
  DEFAULT_TRAINING,
  type Personalized,
  type PersonalizeOptions,
  type PersonalizeTask,
  personalize,
} from './polar/personalize.ts';
export { PROMPT_TEMPLATES, samplePrompts } from './polar/prompts.ts';
export { PythonRandom } from './polar/python-random.ts';
export {
  type ReleasedCheckpoint,
  readReleasedCheckpoint,
  writeReleasedCheckpoint,
} from './polar/released-checkpoint.ts';
export { encodeSentence, type PersonalSentence, personalSentence } from './polar/sentence.ts';
export { kaimingUniformA, torchUniform } from './polar/torch-random.ts';
export { composeUpdates, type Update } from './polar/update.ts';
