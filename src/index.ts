/**
 * polar-vl: teach CLIP a personal thing from about five photos, then find it with a sentence.
 * POLAR, CVPR 2025, arXiv 2506.10182.
 *
 * @module polar-vl
 */

export { type Answer, type AskOptions, ask, checkQuestion, type Question, SAMPLE } from './app/ask.ts';
export {
  type Examples,
  isUsable,
  judgeConcept,
  type Lesson,
  planLesson,
  type Shelf,
  type TeachMode,
  type TeachOptions,
  teach,
} from './app/teach.ts';
export * from './benchmarks/index.ts';
export { type ContactSheet, writeContactSheet } from './cli/contact-sheet.ts';
export type { FrozenClip, GraphWriter } from './clip/clip.ts';
export type { Activation, ClipConfig, FamilyName } from './clip/config.ts';
export { readClipConfig } from './clip/families/describe.ts';
export { FORWARDS, type Forward, type FrozenTexts, selectTexts } from './clip/frozen-texts.ts';
export { SHORT_NAMES, TOYBOX } from './clip/hub/names.ts';
export type { Box, DecodedImage } from './clip/pixels/picture.ts';
export { type PreprocessorConfig, preprocess } from './clip/pixels/preprocess.ts';
export { composeUpdates, type Update } from './clip/update.ts';
export { PolarError } from './errors.ts';
export { chooseModel } from './library/choose-model.ts';
export { describeFolders, type FolderState, forget } from './library/folder-states.ts';
export { type IndexedFolder, listFailed, listFolders } from './library/folders.ts';
export { finishIndex, indexPhotos } from './library/index-photos.ts';
export { PHOTO_ENDINGS, SKIPPED_FOLDERS } from './library/kinds.ts';
export { describeLeftOut, type LeftOutCounts, type Trouble } from './library/left-out.ts';
export { type LibraryPhoto, type OpenLibrary, openLibrary } from './library/open.ts';
export { type IndexedModel, MAX_EXACT_PHOTOS, PhotoStore } from './library/photo-store.ts';
export { type FolderScan, type ScanOptions, scanPhotos } from './library/scan.ts';
export { countPhotos, type FoundPhoto, type PhotoFilter, PhotoTable } from './library/search.ts';
export { isInShard, parseShard, type Shard } from './library/shard.ts';
export type { IndexOptions, IndexSummary } from './library/update.ts';
export { type WatchOptions, watchPhotos } from './library/watch.ts';
export { type Matrix, matrixOf, normalizeRows, rowOf } from './matrix.ts';
export { readReleasedCheckpoint, writeReleasedCheckpoint } from './node/checkpoint-file.ts';
export { readConcept, saveConcept } from './node/concept-folder.ts';
export { ConceptStore } from './node/concept-store.ts';
export {
  type DownloadProgress,
  defaultModel,
  hasToybox,
  type ResolveOptions,
  resolveModel,
} from './node/fetch-model.ts';
export { polarHome } from './node/home.ts';
export { type CachedModel, type CacheListing, hubCacheFolder, listCachedModels } from './node/hub-cache.ts';
export { fileExamples, type LearnConceptOptions, learnConcept, type TrainingPhoto } from './node/learn.ts';
export { type Clip, type LoadClipOptions, loadClip, openClip } from './node/load-clip.ts';
export type { ModelLocation } from './node/local-model.ts';
export { decodeImage, type ImageSource } from './node/picture.ts';
export { loadPixels } from './node/picture-batch.ts';
export { checkExamples, type ExampleCheck } from './polar/check-photos.ts';
export { type Concept, IDENTIFIER, identifierOf, requireSameModel } from './polar/concept/concept.ts';
export { checkConceptName } from './polar/concept/concept-name.ts';
export type { ReleasedCheckpoint } from './polar/concept/released-checkpoint.ts';
export { unzipConcept, zipConcept } from './polar/concept/zip.ts';
export type { LearnOptions, Learnt } from './polar/learn.ts';
export {
  type Personalized,
  type PersonalizeOptions,
  personalize,
} from './polar/personalize.ts';
export { PROMPT_TEMPLATES, samplePrompts } from './polar/prompts.ts';
export { findMentions, type Mention } from './polar/query/mentions.ts';
export { mixQuery, type QueryParts } from './polar/query/mix.ts';
export {
  type Background,
  measureBackground,
  type Relevance,
  relevanceJudge,
} from './polar/query/relevance.ts';
export type { Scored, Searchable } from './polar/query/searchable.ts';
export {
  encodeSentence,
  type PersonalSentence,
  personalSentence,
  plainSentence,
} from './polar/query/sentence.ts';
export { measureSeparation, type Ranking, type Separation } from './polar/query/separation.ts';
export { PythonRandom } from './polar/random/python.ts';
export { kaimingUniformA, torchUniform } from './polar/random/torch.ts';
export type { PersonalizeTask } from './polar/training-batch.ts';
export { DEFAULT_SEED, DEFAULT_TRAINING } from './polar/training-defaults.ts';
export * from './toybox/index.ts';
