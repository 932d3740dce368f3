import { signal } from '@preact/signals';

/** The view. It lives in the URL, so reload, Back and bookmarks work. */
export interface Place {
  readonly sentence: string;
  /** Ids of photos that the results should, and should not, look like. */
  readonly like: readonly string[];
  readonly not: readonly string[];
  /** Sentences that the results should not be like. */
  readonly without: readonly string[];
  /** First and last day, `2024-05-01`; empty without one. */
  readonly from: string;
  readonly to: string;
  /** Only below this folder; empty for all. */
  readonly folder: string;
  /** Whether names of concepts are left as plain words. */
  readonly plain: boolean;
  /** Name of the album that is open; a search of one's own closes it. */
  readonly album: string;
  /** Whether the favourites alone are shown. */
  readonly favourites: boolean;
  /** Name of the concept whose page is open. */
  readonly concept: string;
  /** Id of the photo in full view, and its place in the wall. */
  readonly photo: string;
  readonly at: number;
}

const NOWHERE: Place = {
  sentence: '',
  like: [],
  not: [],
  without: [],
  from: '',
  to: '',
  folder: '',
  plain: false,
  album: '',
  favourites: false,
  concept: '',
  photo: '',
  at: 0,
};

/** Reads a place from the part of an address after `#`. */
export function readPlace(hash: string): Place {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const list = (name: string) => (parts.get(name) ?? '').split(',').filter((id) => id !== '');
  return {
    sentence: parts.get('q') ?? '',
    like: list('like'),
    not: list('not'),
    without: parts.getAll('without').filter((text) => text !== ''),
    from: day(parts.get('from')),
    to: day(parts.get('to')),
    folder: parts.get('folder') ?? '',
    plain: parts.has('plain'),
    album: parts.get('album') ?? '',
    favourites: parts.has('favourites'),
    concept: parts.get('concept') ?? '',
    photo: parts.get('photo') ?? '',
    at: Math.max(0, Number(parts.get('at')) || 0),
  };
}

const day = (text: string | null): string => (/^\d{4}-\d\d-\d\d$/.test(text ?? '') ? text! : '');

/** Writes a place as the part of an address after `#`, empty for the whole library. */
export function writePlace(place: Place): string {
  const parts = new URLSearchParams();
  if (place.sentence !== '') parts.set('q', place.sentence);
  if (place.like.length > 0) parts.set('like', place.like.join(','));
  if (place.not.length > 0) parts.set('not', place.not.join(','));
  for (const text of place.without) parts.append('without', text);
  if (place.from !== '') parts.set('from', place.from);
  if (place.to !== '') parts.set('to', place.to);
  if (place.folder !== '') parts.set('folder', place.folder);
  if (place.plain) parts.set('plain', '');
  if (place.album !== '') parts.set('album', place.album);
  if (place.favourites) parts.set('favourites', '');
  if (place.concept !== '') parts.set('concept', place.concept);
  if (place.photo !== '') {
    parts.set('photo', place.photo);
    parts.set('at', String(place.at));
  }
  return parts.toString();
}

/** Where the page is. */
export const place = signal<Place>(readPlace(location.hash));
addEventListener('popstate', () => {
  place.value = readPlace(location.hash);
});

/** Goes somewhere; `replace` takes the place of the current entry in the browser's history. */
export function go(change: Partial<Place>, how: 'push' | 'replace' = 'push'): void {
  const asks = change.sentence ?? change.like ?? change.not ?? change.without;
  const closed = asks === undefined ? {} : { album: '', favourites: false };
  const next = { ...place.value, ...closed, ...change };
  const hash = writePlace(next);
  if (hash === writePlace(place.value)) return;
  const address = hash === '' ? location.pathname : `#${hash}`;
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  place.value = next;
}

/** Goes to the whole library. */
export const goHome = (): void => go(NOWHERE);

/** Opens an album. */
export const goAlbum = (album: string): void => go({ ...NOWHERE, album });

/** Shows the favourites. */
export const goFavourites = (): void => go({ ...NOWHERE, favourites: true });

/** Looks for photos like this one as well. */
export function moreLike(id: string): void {
  const { like, not } = place.value;
  go({ like: [...without(like, id), id], not: without(not, id), photo: '', concept: '' });
}

/** Looks for photos unlike this one. */
export function notThis(id: string): void {
  const { like, not } = place.value;
  go({ not: [...without(not, id), id], like: without(like, id), photo: '', concept: '' });
}

/** Forgets a photo that was to be like, or unlike. */
export function forget(id: string): void {
  const { like, not } = place.value;
  go({ like: without(like, id), not: without(not, id) });
}

const without = (ids: readonly string[], id: string): string[] => ids.filter((other) => other !== id);
