import { randomInt } from 'node:crypto';
import { ask } from '../app/ask.ts';
import { PolarError } from '../errors.ts';
import type { PhotoStore } from '../library/photo-store.ts';
import { PhotoTable } from '../library/search.ts';
import type { Clip } from '../node/load-clip.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { findMentions } from '../polar/query/mentions.ts';
import type { Relevance } from '../polar/query/relevance.ts';
import { answeredPath } from './answered-path.ts';
import type { ImmichApi } from './api.ts';
import { smartSearch } from './assets.ts';

/** Which of the photos that were found are wanted. */
export interface Wanted {
  /** At most this many. */
  readonly top: number;
  /** At least this sure; needs the embeddings of the previews. */
  readonly relevance?: Exclude<Relevance, 'weak'> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The photos of an immich server that a sentence finds among the previews that polar has indexed.
 *
 * @returns ids, best first; undefined where no preview of this server is indexed with this model
 */
export async function findIndexed(
  api: ImmichApi,
  { clip, store }: { readonly clip: Clip; readonly store: PhotoStore },
  concepts: readonly Concept[],
  sentence: string,
  { top, relevance, signal }: Wanted,
): Promise<string[] | undefined> {
  const table = await PhotoTable.find(store, clip);
  if (table === undefined) return undefined;
  const { hits } = await ask(clip, table, { sentence }, { concepts, top: table.count, signal });
  const prefix = api.linkTo('');
  const here = hits.filter(({ path }) => path.startsWith(prefix));
  if (here.length === 0) return undefined;
  const isSure = (hit: { relevance: Relevance }) =>
    relevance === undefined || hit.relevance === 'strong' || hit.relevance === relevance;
  return here
    .filter(isSure)
    .slice(0, top)
    .map(({ path }) => path.slice(prefix.length));
}

// immich answers a query that it knows from memory; another spelling may be known too.
const SPELLINGS = 3;

/**
 * The photos that immich's own smart search finds for a sentence. Where the sentence names a learnt thing, the service
 * must have answered it: without it immich would look for the bare word.
 *
 * @param service address of `polar immich serve`
 * @returns ids, best first
 * @throws PolarError when the service did not answer immich
 */
export async function findBySmartSearch(
  api: ImmichApi,
  service: URL,
  concepts: readonly Concept[],
  sentence: string,
  { top, signal }: Wanted,
): Promise<string[]> {
  const names = concepts.map(({ name }) => name);
  const isPersonal = findMentions(sentence.normalize('NFC'), names).length > 0;
  for (let turn = 0; turn < SPELLINGS; turn++) {
    const query = isPersonal ? respell(sentence.normalize('NFC'), names) : sentence;
    const photos = await smartSearch(api, query, top, signal);
    if (!isPersonal || (await hasAnswered(service, query))) return photos.map(({ id }) => id);
  }
  throw new PolarError(
    `immich's search did not come through polar immich serve at ${service.origin}, so it would look for the bare word; start the service and enter its address in immich, name it with --service, or index the previews here: polar index immich:`,
    'unreachable',
  );
}

async function hasAnswered(service: URL, query: string): Promise<boolean> {
  const response = await fetch(new URL(answeredPath(query), service)).catch(() => undefined);
  await response?.body?.cancel().catch(() => {});
  return response?.status === 204;
}

/**
 * The sentence written in another way that means the same: names in other capitals, more spaces between words. immich
 * keeps its last 100 queries by their letters, and a thing that was learnt again would be answered from there.
 */
export function respell(sentence: string, names: readonly string[]): string {
  let text = '';
  let end = 0;
  for (const { start, end: after } of findMentions(sentence, names)) {
    text += sentence.slice(end, start);
    for (const letter of sentence.slice(start, after)) text += swapCase(letter);
    end = after;
  }
  text += sentence.slice(end);
  return text.trim().replace(/\s+/g, () => ' '.repeat(randomInt(1, 4)));
}

/** The other case of a letter half of the time, where it has one and comes back from it. */
function swapCase(letter: string): string {
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  const isSafe = other.length === letter.length && other.toLowerCase() === letter.toLowerCase();
  return isSafe && randomInt(2) === 1 ? other : letter;
}
