import { createHash } from 'node:crypto';
import type { Table } from '@lancedb/lancedb';
import { beginServer, endServer } from '../../library/folders.ts';
import { finishIndex } from '../../library/index-photos.ts';
import { countsOf, type Trouble } from '../../library/left-out.ts';
import { lockStore } from '../../library/lock.ts';
import {
  deletePhotos,
  type PhotoRow,
  type PhotoStore,
  sqlBelow,
  writePhotos,
} from '../../library/photo-store.ts';
import type { IndexSummary } from '../../library/update.ts';
import { normalizeRows, rowOf } from '../../matrix.ts';
import type { Clip } from '../../node/load-clip.ts';
import { loadPixels, photoDecoding, stackPixels } from '../../node/pixels/picture-batch.ts';
import { type ImmichApi, ImmichError } from '../api.ts';
import { type ImmichAsset, type ImmichSource, listPhotos, photosOf, WHOLE, writeSource } from '../assets.ts';

/** How the photos of an immich server are indexed. */
export interface ImmichIndexOptions {
  readonly api: ImmichApi;
  readonly source: ImmichSource;
  /** Stops the run after a batch; what is done is kept. @default it is not stopped */
  readonly signal?: AbortSignal | undefined;
  /** Called as photos are done; `total` counts those that must be read. @default nothing is called */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Told what takes long and why. @default nothing is called */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Only photos that immich has changed since; of what is gone nothing is known then. @default all of the source */
  readonly changedAfter?: Date | undefined;
  /** Told the photos of the source before any is read. @default nothing is called */
  readonly onListed?: ((photos: readonly ImmichAsset[]) => void) | undefined;
}

// Previews are a few hundred kilobytes; more at once gains nothing and keeps a small server from its other work.
const DOWNLOADS = 4;
const COMMIT_EVERY = 128;

/**
 * Brings the index up to date with photos of an immich server, by their previews: only what is new or changed is read,
 * and one bad photo never stops the rest. A row's path is the address where a person sees the photo. What was taken out
 * of the index stays out until it is asked for by its id. What is done is kept when the run is stopped.
 *
 * @throws PolarError when the server cannot be reached, or another process is writing
 */
export async function indexImmich(
  store: PhotoStore,
  clip: Clip,
  options: ImmichIndexOptions,
): Promise<IndexSummary> {
  const { api, source, changedAfter, signal } = options;
  const photos =
    changedAfter === undefined
      ? await photosOf(api, source, signal)
      : await listPhotos(api, { updatedAfter: changedAfter.toISOString() }, signal);
  options.onListed?.(photos);
  const linkOf = ({ id }: ImmichAsset) => api.linkTo(id);
  const listed = new Set(photos.map(linkOf));
  const lock = await lockStore(store);
  let summary: IndexSummary;
  try {
    const table = await store.open(clip);
    const entry = await beginServer(store, clip, {
      server: serverOf(api),
      source: writeSource(source),
      whole: WHOLE,
      named: source.kind === 'asset' ? api.linkTo(source.name) : undefined,
    });
    const takenOut = new Set(entry.takenOut);
    const wanted = photos.filter((asset) => !takenOut.has(linkOf(asset)));
    const known = await readKnown(table, serverOf(api));
    // Only the list of all photos says which are gone. An empty one is a key of somebody else, more often than not.
    const isWhole = source.kind === 'all' && changedAfter === undefined && photos.length > 0;
    const gone = isWhole ? [...known.keys()].filter((path) => !listed.has(path)) : [];
    const changed = wanted.filter((asset) => known.get(linkOf(asset)) !== versionOf(asset));
    const isKnown = (path: string) => known.has(path);
    const { added, damaged, missing } = await embedAll({ table, clip, api, isKnown }, changed, options);
    await deletePhotos(table, gone);
    await endServer(store, clip, entry, { isWhole, listed, troubles: missing });
    summary = {
      found: wanted.length,
      added,
      unchanged: wanted.length - changed.length,
      recognised: 0,
      removed: gone.length,
      skipped: [...damaged, ...missing],
      failed: await table.countRows(`reason IS NOT NULL AND ${sqlBelow(serverOf(api))}`),
      leftOut: countsOf({ preview: missing.length, takenOut: photos.length - wanted.length }),
      troubles: [],
      complete: true,
    };
  } finally {
    await lock.release();
  }
  if (summary.added + summary.removed > 0) await finishIndex(store, clip, options.onNote);
  return summary;
}

/** What the addresses of a server's photos begin with, as the index knows the server. */
export const serverOf = (api: ImmichApi): string => api.linkTo('').replace(/\/$/, '');

/** Path → version of the rows that came from this server. */
async function readKnown(table: Table, server: string): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  const rows = table.query().where(sqlBelow(server)).select(['path', 'size', 'mtime']);
  for await (const batch of rows) {
    for (const row of batch) {
      const { path, size, mtime } = row.toJSON() as PhotoRow;
      known.set(path, `${size} ${mtime}`);
    }
  }
  return known;
}

const sizeOf = ({ exifInfo }: ImmichAsset): number => exifInfo?.fileSizeInByte ?? 0;

/** Edits in immich leave the file alone and change the preview; likes and captions change neither. */
const timeOf = ({ isEdited, updatedAt, fileModifiedAt }: ImmichAsset): number =>
  Date.parse(isEdited ? updatedAt : fileModifiedAt) || 0;

const versionOf = (asset: ImmichAsset): string => `${sizeOf(asset)} ${timeOf(asset)}`;

/** What photos are embedded into. */
interface Target {
  readonly table: Table;
  readonly clip: Clip;
  readonly api: ImmichApi;
  /** Whether there is a row of this address. */
  readonly isKnown: (path: string) => boolean;
}

/** What became of photos that were read. */
interface Embedded {
  /** How many can be found now. */
  readonly added: number;
  /** Previews that are no pictures: rows with the reason. */
  readonly damaged: readonly Trouble[];
  /** Photos without a preview: asked for again by the next run. */
  readonly missing: readonly Trouble[];
}

async function embedAll(
  { table, clip, api, isKnown }: Target,
  assets: readonly ImmichAsset[],
  { signal, onProgress }: Pick<ImmichIndexOptions, 'signal' | 'onProgress'>,
): Promise<Embedded> {
  const damaged: Trouble[] = [];
  const missing: Trouble[] = [];
  let added = 0;
  let pending: PhotoRow[] = [];
  const write = async () => {
    const rows = pending;
    pending = []; // what cannot be written now is read again by the next run
    await writePhotos(table, clip, rows, (path) => (isKnown(path) ? 1 : 0));
  };
  onProgress?.(0, assets.length);
  try {
    const get = (from: number) => {
      const wanted = assets.slice(from, from + clip.pictureBatch());
      return { wanted, previews: download(api, wanted, signal) };
    };
    let next = get(0);
    for (let done = 0; done < assets.length; ) {
      signal?.throwIfAborted();
      const { wanted } = next;
      const batch = await next.previews;
      // The next previews arrive while the tower works on these.
      next = get(done + wanted.length);
      next.previews.catch(() => {}); // awaited in the next turn, unless this one is stopped
      const rows = await embed({ clip, api }, batch, assets.length);
      for (const { path, reason } of rows) if (reason !== null) damaged.push({ path, reason });
      for (const { asset, reason } of batch)
        if (reason !== undefined) missing.push({ path: api.linkTo(asset.id), reason });
      added += rows.filter((row) => row.reason === null).length;
      pending.push(...rows);
      if (pending.length >= COMMIT_EVERY) await write();
      done += wanted.length;
      onProgress?.(done, assets.length);
    }
  } finally {
    await write();
  }
  return { added, damaged, missing };
}

interface Preview {
  readonly asset: ImmichAsset;
  readonly bytes?: Uint8Array;
  /** Why there is none this time; the next run asks again. */
  readonly reason?: string;
}

/** @throws PolarError when the server does not answer */
async function download(
  api: ImmichApi,
  assets: readonly ImmichAsset[],
  signal: AbortSignal | undefined,
): Promise<Preview[]> {
  const previews: Preview[] = [];
  const one = async (asset: ImmichAsset): Promise<Preview> => {
    try {
      return { asset, bytes: await api.preview(asset.id, signal) };
    } catch (error) {
      // 400 and 404 are about this photo: deleted meanwhile, or without a preview yet. The rest is about all of them.
      if (!(error instanceof ImmichError) || ![400, 404, 500].includes(error.status)) throw error;
      return { asset, reason: `immich has no preview of it (${error.status})` };
    }
  };
  for (let start = 0; start < assets.length; start += DOWNLOADS) {
    previews.push(...(await Promise.all(assets.slice(start, start + DOWNLOADS).map(one))));
  }
  return previews;
}

/** Rows of the previews that came; one that is no picture gets the reason, so that it is not asked for again. */
async function embed(
  { clip, api }: Pick<Target, 'clip' | 'api'>,
  previews: readonly Preview[],
  expected: number,
): Promise<PhotoRow[]> {
  const there = previews.filter(
    (preview): preview is Preview & { bytes: Uint8Array } => preview.bytes !== undefined,
  );
  const { preprocessorConfig } = clip;
  const loaded = await loadPixels(
    there.map(({ bytes }) => bytes),
    preprocessorConfig,
    photoDecoding(preprocessorConfig),
  );
  const pixels = loaded.flatMap((one) => (one.pixels === null ? [] : [one.pixels]));
  const embeddings =
    pixels.length === 0
      ? undefined
      : normalizeRows(await clip.encodePixels(stackPixels(pixels), pixels.length, { expected }));
  let row = 0;
  return there.map(({ asset, bytes }, index): PhotoRow => {
    const { error } = loaded[index]!;
    return {
      path: api.linkTo(asset.id),
      // Of the preview: that is what learning from immich reads too.
      hash: createHash('sha256').update(bytes).digest('hex'),
      size: sizeOf(asset),
      mtime: timeOf(asset),
      ctime: timeOf(asset),
      width: asset.width ?? 0,
      height: asset.height ?? 0,
      embedding: error === null ? rowOf(embeddings!, row++) : null,
      reason: error === null ? null : error.message.replace(/^picture: /, ''),
      // By the camera's clock, which immich writes as if it were UTC.
      taken: Date.parse(asset.localDateTime) || null,
      latitude: asset.exifInfo?.latitude ?? null,
      longitude: asset.exifInfo?.longitude ?? null,
      dateFrom: 'immich',
      at: null,
      still: null,
    };
  });
}
