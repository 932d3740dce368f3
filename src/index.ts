/**
 * polar-vl: teach CLIP a personal thing from about five photos, then find it with a sentence.
 * POLAR, CVPR 2025, arXiv 2506.10182.
 *
 * The parts are sub-paths: `polar-vl/clip` (the frozen model: graphs, layers, texts) and `polar-vl/polar` (the method)
 * for those who extend them, `polar-vl/benchmarks`, `polar-vl/toybox`, `polar-vl/server` and `polar-vl/browser`.
 *
 * @module polar-vl
 */

export { type Answer, type AskOptions, ask, type Question } from './app/ask.ts';
export { TOYBOX } from './clip/hub/names.ts';
export type { Box } from './clip/pixels/picture.ts';
export { type ErrorCode, PolarError } from './errors.ts';
export {
  type DuplicateOptions,
  type DuplicatePhoto,
  type Duplicates,
  findDuplicates,
} from './library/duplicates/find-duplicates.ts';
export { type AlbumFile, writeAlbumFile } from './library/export/album-file.ts';
export {
  type ExportedPhoto,
  type ExportOptions,
  type ExportSummary,
  exportPhotos,
} from './library/export/export-photos.ts';
export { type ZipSummary, zipPhotos } from './library/export/zip-photos.ts';
export type { PhotoFilter } from './library/filter.ts';
export { openInMemory, type PhotosInMemory } from './library/in-memory.ts';
export { Library, openLibrary, type SearchOptions } from './library/library.ts';
export { PhotoStore } from './library/photo-store.ts';
export type { FoundPhoto } from './library/search.ts';
export { type Keyword, parseKeyword } from './library/tags/keyword.ts';
export { type TaggedPhoto, type TagOptions, type TagSummary, tagPhotos } from './library/tags/tag-photos.ts';
export type { IndexOptions, IndexSummary } from './library/update.ts';
export type { WatchOptions } from './library/watch.ts';
export { type Matrix, normalizeRows, rowOf } from './matrix.ts';
export { readReleasedCheckpoint, writeReleasedCheckpoint } from './node/concepts/checkpoint-file.ts';
export { readConcept, saveConcept } from './node/concepts/concept-folder.ts';
export { ConceptStore } from './node/concepts/concept-store.ts';
export { defaultModel } from './node/default-model.ts';
export type { DownloadProgress, ResolveOptions } from './node/hub/fetch-model.ts';
export { listCachedModels } from './node/hub/hub-cache.ts';
export { type LearnConceptOptions, learn, type TrainingPhoto } from './node/learn.ts';
export { type Clip, type LoadClipOptions, loadClip } from './node/load-clip.ts';
export { decodeImage, type ImageSource } from './node/pixels/picture.ts';
export type { Concept } from './polar/concept/concept.ts';
export type { ReleasedCheckpoint } from './polar/concept/released-checkpoint.ts';
export type { Learnt } from './polar/learn.ts';
export type { Relevance } from './polar/query/relevance.ts';
export type { Searchable } from './polar/query/searchable.ts';
export { measureSeparation, type Separation } from './polar/query/separation.ts';
