import type { HubApiError, PathInfo } from '@huggingface/hub';
import { isCommit, isContentHash, requireCommit, requireSize } from '../../clip/hub/checks.ts';
import { findConversion } from '../../clip/hub/conversion.ts';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { describe, hubFetch, type Pause, type RemoteFile, refusal } from './download.ts';
import { hubToken } from './hub-cache.ts';
import { networkFetch } from './proxy.ts';

/** How the hub is spoken to. */
export interface HubAccess {
  /** Address of the hub; `HF_ENDPOINT` or huggingface.co when absent. */
  readonly endpoint?: string | undefined;
  /** Access token; `HF_TOKEN` or the token file when absent. */
  readonly token?: string | undefined;
  /** Asks the network; when absent the global one, or one that goes through the proxy of the environment. */
  readonly fetch?: typeof fetch | undefined;
  /** Waits between two tries, milliseconds; a timer when absent. */
  readonly pause?: Pause | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A state of a repository on the hub. */
export interface RemoteState {
  readonly commit: string;
  /** What the repository's card says of its licence (`mit`, `cc-by-nc-4.0`); undefined where it says nothing. */
  readonly licence: string | undefined;
}

/** A repository on the hub. All that the hub says is checked here before anything else sees it. */
export interface RemoteRepository {
  /** Address of the repository's page. */
  readonly page: string;
  readonly fetch: typeof fetch;
  /** The state that a branch, tag or commit stands for. */
  stateOf(revision: string): Promise<RemoteState>;
  /** Those of the named files that there are at a commit. */
  describe(names: readonly string[], commit: string): Promise<RemoteFile[]>;
  /** The commit of the hub's own conversion to safetensors on top of `commit`; undefined where there is none. */
  conversionOf(commit: string): Promise<string | undefined>;
}

/** Opens a repository; nothing is asked yet. */
export async function openRemote(id: string, options: HubAccess): Promise<RemoteRepository> {
  const { signal, pause } = options;
  const endpoint = options.endpoint ?? process.env.HF_ENDPOINT ?? 'https://huggingface.co';
  const hubUrl = endpoint.replace(/\/+$/, '');
  // Loaded here and not above: a search must start fast, and never needs it.
  const { modelInfo, pathsInfo } = await import('@huggingface/hub');
  const token = options.token ?? (await hubToken());
  const base = options.fetch ?? (await networkFetch());
  const access = { hubUrl, fetch: hubFetch(base, token, { signal, pause }) };
  const page = `${hubUrl}/${id}`;
  const asking = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof PolarError) throw error;
      const { statusCode } = error as Partial<HubApiError>;
      if (statusCode !== undefined) throw refusal(page, statusCode);
      throw new PolarError(`${page}: ${tell('hub.unreachable', { why: describe(error) })}`, 'unreachable');
    }
  };
  return {
    page,
    fetch: access.fetch,

    stateOf: (revision) =>
      asking(async () => {
        const info = await modelInfo({
          name: id,
          revision,
          additionalFields: ['sha', 'cardData'],
          ...access,
        });
        const card = (info.cardData ?? {}) as { license?: unknown; license_name?: unknown };
        const licence = card.license === 'other' ? card.license_name : card.license;
        const commit = requireCommit(info.sha, page);
        if (isCommit(revision) && commit !== revision) {
          throw new PolarError(
            `${page}: answers commit ${commit} for ${revision}; check HF_ENDPOINT`,
            'unreachable',
          );
        }
        return {
          commit,
          licence: typeof licence === 'string' ? licence.replace(/[^\w.-]/g, '').slice(0, 60) : undefined,
        };
      }),

    describe: (names, commit) =>
      asking(async () => {
        const found = await pathsInfo({
          repo: { type: 'model', name: id },
          paths: [...names],
          revision: commit,
          ...access,
        });
        return found
          .filter(({ path, type }) => type === 'file' && names.includes(path))
          .map((info) => remoteFile(info, `${page}/resolve/${commit}/${info.path}`));
      }),

    conversionOf: (commit) =>
      asking(() =>
        findConversion(`${hubUrl}/api/models/${id}`, commit, async (url) => {
          const response = await access.fetch(url);
          return response.ok ? response.json() : undefined;
        }),
      ),
  };
}

function remoteFile({ path, size, oid, lfs }: PathInfo, url: string): RemoteFile {
  const hash = lfs?.oid ?? oid;
  if (!isContentHash(hash)) {
    throw new PolarError(`${url}: ${tell('hub.no-hash')}`, 'unreachable');
  }
  return {
    name: path,
    url,
    size: requireSize(size, path, url),
    hash,
    algorithm: lfs === undefined ? 'git-sha1' : 'sha256',
  };
}
