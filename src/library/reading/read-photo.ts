import type { PassingError } from '../../errors.ts';
import type { PhotoRow } from '../photo-store.ts';

/** A photo or video that was read, or could not be read this time. */
export type ReadPhoto =
  /** Complete but for the embeddings; a photo has one row, or one more for each crop, a video one for each still. */
  | { readonly state: 'decoded'; readonly rows: readonly PhotoRow[]; readonly pixels: readonly Uint8Array[] }
  /** Of a content that has an embedding already. */
  | { readonly state: 'known'; readonly row: PhotoRow }
  /** No picture that can be indexed; `row.reason` says why. */
  | { readonly state: 'skipped'; readonly row: PhotoRow }
  /** Nothing is known of it: a passing failure, which leaves no row and changes none. */
  | { readonly state: 'unread'; readonly path: string; readonly error: PassingError };
