import type { Device } from '../../browser/engine.ts';
import type { ErrorCode } from '../../errors.ts';

/** A model that the worker has loaded. */
export interface LoadedModel {
  readonly id: string;
  readonly device: Device;
  readonly threads: number;
  /** Concepts that were learnt with this model before. */
  readonly concepts: readonly ConceptView[];
}

/** A photo of the wall. */
export interface PhotoView {
  /** Its place in the worker's list. */
  readonly key: number;
  readonly name: string;
  readonly thumbnail: Blob;
}

/** What became of one file. */
export type PhotoProgress =
  | { readonly done: number; readonly total: number; readonly photo: PhotoView }
  | {
      readonly done: number;
      readonly total: number;
      readonly skipped: { readonly name: string; readonly reason: string };
    };

/** A concept as the page shows it. */
export interface ConceptView {
  readonly name: string;
  readonly className: string | null;
  readonly photos: number;
}

/** How far learning has come. */
export interface LossProgress {
  readonly loss: number;
  /** Steps in all, and from one report to the next. */
  readonly total: number;
  readonly every: number;
}

/** What was learnt, and how well the photos suited. */
export interface LearnReport {
  readonly concept: ConceptView;
  readonly losses: Float32Array;
  readonly seconds: number;
  /** One sentence for each oddity of the photos. */
  readonly remarks: readonly string[];
}

/** A search's answer: all photos, best first. */
export interface SearchResult {
  /** What the model read. */
  readonly text: string;
  /** Names of the concepts that were used. */
  readonly concepts: readonly string[];
  readonly hits: readonly { readonly key: number; readonly score: number }[];
  readonly milliseconds: number;
}

/** What the page asks of its worker; the last parameter of a call reports progress. */
export interface Calls {
  load: { args: [model: string, id: string | undefined]; progress: DownloadView; result: LoadedModel };
  addPhotos: { args: [files: readonly File[]]; progress: PhotoProgress; result: null };
  learn: {
    args: [name: string, className: string | null, keys: readonly number[]];
    progress: LossProgress;
    result: LearnReport;
  };
  search: { args: [sentence: string, personal: boolean]; progress: never; result: SearchResult };
  like: { args: [key: number]; progress: never; result: SearchResult };
  exportConcept: { args: [name: string]; progress: never; result: Blob };
  importConcept: { args: [file: File]; progress: never; result: ConceptView };
  removeConcept: { args: [name: string]; progress: never; result: null };
}

/** A download as the page shows it. */
export interface DownloadView {
  readonly file: string;
  readonly loaded: number;
  readonly total: number;
}

export type CallName = keyof Calls;

/** Page to worker: a call, or the wish to stop one. */
export type Request =
  | { readonly id: number; readonly name: CallName; readonly args: readonly unknown[] }
  | { readonly id: number; readonly stop: true };

/** Worker to page. */
export type Reply =
  | { readonly id: number; readonly progress: unknown }
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number;
      readonly error: string;
      readonly code: ErrorCode | undefined;
      readonly stopped: boolean;
    };
