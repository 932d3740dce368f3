import { hc, type InferResponseType } from 'hono/client';
import type { Message } from '../../messages.ts';
import type { Api } from '../../server/app.ts';
import type { RefusalCode } from '../../server/router.ts';
import { Refusal } from '../ui/refusal.ts';
import { say } from '../words/say.ts';

/** The server, typed by its routes. */
export const server = hc<Api>('/api');

export type State = InferResponseType<typeof server.state.$get, 200>;
export type ConceptSummary = State['concepts'][number];
export type Job = NonNullable<State['job']>;
export type JobRequest = Job['request'];
export type Model = InferResponseType<typeof server.models.$get, 200>[number];
export type Thing = State['things'][number];
export type LibraryFolder = InferResponseType<typeof server.library.$get, 200>[number];
export type Folder = InferResponseType<typeof server.folders.$get, 200>;
export type Photo = InferResponseType<typeof server.photos.$get, 200>['photos'][number];
export type Month = InferResponseType<typeof server.photos.$get, 200>['months'][number];
export type AlbumSummary = InferResponseType<typeof server.albums.$get, 200>[number];
export type PhotoDetail = InferResponseType<(typeof server.photos)[':id']['$get'], 200>;
export type SearchResult = InferResponseType<typeof server.search.$post, 200>;
export type Hit = SearchResult['photos'][number];
export type ConceptDetail = InferResponseType<(typeof server.concepts)[':name']['$get'], 200>;
export type Quality = NonNullable<
  InferResponseType<(typeof server.concepts)[':name']['quality']['$get'], 200>
>;

// Of a video, the time of the picture, as the server gave it.
const timeOf = (at: number | null | undefined): string => (at == null ? '' : `?at=${at}`);

/** Address of a picture's thumbnail, of the library or uploaded. */
export const tileUrl = (id: string, at?: number | null): string => `/api/photos/${id}/tile${timeOf(at)}`;

/** The same, to fill a screen. */
export const viewUrl = (id: string, at?: number | null): string => `/api/photos/${id}/view${timeOf(at)}`;

/** A video, to be played from a time in seconds. */
export const videoUrl = (id: string, at: number): string => `/api/photos/${id}/video#t=${at}`;

/** Where a file that was made can be downloaded. */
export const madeUrl = (id: string): string => `/api/selection/files/${id}`;

/** Where a concept can be downloaded. */
export const adapterUrl = (name: string): string => `/api/concepts/${encodeURIComponent(name)}/adapter.zip`;

interface Answer<T> {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<T>;
}

/**
 * Sends a request and takes what it answers.
 *
 * @throws Refusal with the server's own words
 */
export async function ask<T>(request: Promise<Answer<T>>): Promise<T> {
  return (await sent(request)).json();
}

/** The same, for an answer that is no JSON. */
export async function sent<A extends Answer<unknown>>(request: Promise<A>): Promise<A> {
  const answer = await request.catch((error: unknown) => {
    if (isStop(error)) throw error;
    throw new Error(say('server.gone'));
  });
  if (answer.ok) return answer;
  const body = (await answer.json().catch(() => undefined)) as
    | { error?: string; code?: RefusalCode; message?: Message }
    | undefined;
  if (body?.error === undefined) throw new Error(say('server.status', { status: answer.status }));
  throw new Refusal(body.error, body.code, body.message);
}

/** Whether something ended because it was stopped. */
export const isStop = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'AbortError';
