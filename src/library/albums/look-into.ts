import { type AskOptions, ask } from '../../app/ask.ts';
import type { FrozenClip } from '../../clip/index.ts';
import { atLeast, type Relevance } from '../../polar/query/relevance.ts';
import type { Scored, Searchable } from '../../polar/query/searchable.ts';
import type { PhotoFilter } from '../filter.ts';
import { type Album, MOST_PHOTOS } from './album-store.ts';

/** A photo of an album. */
export type AlbumPhoto<Hit extends Scored> = Hit & {
  readonly relevance: Relevance;
  /** Whether it was not there when the album was last looked at; of one that never was, all are new. */
  readonly isNew: boolean;
};

/** What an album says of dates, folder and place. */
export const filterOf = ({ after, before, folder, near }: Album): PhotoFilter => ({
  after: after ?? undefined,
  before: before ?? undefined,
  folder: folder ?? undefined,
  near: near ?? undefined,
});

/**
 * The photos of an album as the library is now, best first, at most `MOST_PHOTOS`.
 *
 * @param options.filter {@link filterOf} the album, as `photos` takes it
 * @throws PolarError as `ask`
 */
export async function lookInto<Hit extends Scored, Filter>(
  clip: FrozenClip,
  photos: Searchable<Hit, Filter>,
  album: Album,
  options: Omit<AskOptions<Filter>, 'top' | 'plain' | 'onStage'> = {},
): Promise<AlbumPhoto<Hit>[]> {
  const { sentence, not, relevance } = album;
  const { hits } = await ask(clip, photos, { sentence, not }, { ...options, top: MOST_PHOTOS });
  const seen = new Set(album.seen);
  return hits.filter(atLeast(relevance)).map((hit) => ({ ...hit, isNew: !seen.has(hit.hash) }));
}
