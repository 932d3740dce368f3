import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HubApiError, PathInfo } from '@huggingface/hub';
import { readClipConfig } from '../clip/config.ts';
import { findConversion } from '../clip/hub/conversion.ts';
import { CONFIG, MODEL_FILES, SHARD_INDEX, SINGLE_WEIGHTS } from '../clip/hub/files.ts';
import { parseRepositoryName, SHORT_NAMES, TOYBOX } from '../clip/hub/names.ts';
import { PolarError } from '../errors.ts';
import { describe, downloadFile, hubFetch, type RemoteFile, refusal } from './download.ts';
import { readJsonFile } from './files.ts';
import { CachedRepository, hubCacheFolder, hubToken, listCachedModels } from './hub-cache.ts';
import { localModel, type ModelLocation } from './local-model.ts';
import { shardNames } from './weight-file.ts';

/** How far the download of a file has come. */
export interface DownloadProgress {
  readonly file: string;
  readonly loaded: number;
  readonly total: number;
}

/** How a model is looked for. */
export interface ResolveOptions {
  /** Cache folder; `HF_HUB_CACHE` or `HF_HOME` decide when absent. */
  readonly cacheFolder?: string | undefined;
  /** Address of the hub; `HF_ENDPOINT` or huggingface.co when absent. */
  readonly endpoint?: string | undefined;
  /** Access token; `HF_TOKEN` or the token file when absent. */
  readonly token?: string | undefined;
  /** Never ask the network; `HF_HUB_OFFLINE` when absent. */
  readonly offline?: boolean | undefined;
  /** Asks the network; the global one when absent. */
  readonly fetch?: typeof fetch | undefined;
  /** Called as files arrive. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const TOYBOX_FOLDER = fileURLToPath(new URL('../../models/toybox', import.meta.url));

/**
 * Finds a model's files, downloading them where need be.
 *
 * A folder is used as it is. A repository comes from the standard Hugging Face cache; a branch that is there is
 * used without asking whether it has moved, so that a search starts at once and works without a network.
 *
 * @throws PolarError when there is no such model or it cannot be had
 */
export async function resolveModel(name: string, options: ResolveOptions = {}): Promise<ModelLocation> {
  if (name === TOYBOX) {
    if (await hasToybox()) return localModel(TOYBOX_FOLDER, TOYBOX);
    throw new PolarError(
      'no model is named, none is in the cache, and Toybox is not part of this copy of polar; name one with --model',
    );
  }
  if (!Object.hasOwn(SHORT_NAMES, name)) {
    const folder = await stat(name).catch(() => undefined);
    if (folder?.isDirectory()) return localModel(name, resolve(name));
    if (folder !== undefined) {
      throw new PolarError(`${name}: a file, expected the folder of a CLIP model`);
    }
  }
  const { id, revision } = parseRepositoryName(name);
  const repository = new CachedRepository(options.cacheFolder ?? hubCacheFolder(), id);
  const cached = await repository.commitOf(revision);
  const files = cached === undefined ? undefined : await repository.snapshot(cached);
  if (cached !== undefined && files !== undefined) return { id, revision: cached, files };
  if (options.offline ?? isSet(process.env.HF_HUB_OFFLINE)) {
    throw new PolarError(
      `${name}: not in the cache ${repository.folder}, and HF_HUB_OFFLINE forbids to fetch it; run "polar models download ${name}" where there is a network, with HF_HUB_CACHE on a folder that you can bring here`,
    );
  }
  return download(name, { id, revision }, repository, options);
}

async function download(
  name: string,
  { id, revision }: { id: string; revision: string },
  repository: CachedRepository,
  options: ResolveOptions,
): Promise<ModelLocation> {
  const hubUrl = (options.endpoint ?? process.env.HF_ENDPOINT ?? 'https://huggingface.co').replace(
    /\/+$/,
    '',
  );
  // Loaded here and not above: a search must start fast, and never needs it.
  const { modelInfo, pathsInfo } = await import('@huggingface/hub');
  const token = options.token ?? (await hubToken());
  const access = { hubUrl, fetch: hubFetch(options.fetch ?? fetch, token, options.signal) };
  const page = `${hubUrl}/${id}`;
  const commit = await asking(page, options, async () => {
    const { sha } = await modelInfo({ name: id, revision, additionalFields: ['sha'], ...access });
    return sha;
  });
  const describeFiles = async (names: readonly string[], at: string): Promise<Map<string, PathInfo>> => {
    const found = await asking(page, options, () =>
      pathsInfo({ repo: { type: 'model', name: id }, paths: [...names], revision: at, ...access }),
    );
    return new Map(found.map((info) => [info.path, info]));
  };
  const fetchFile = async (info: PathInfo, at: string): Promise<string> => {
    const file: RemoteFile = {
      name: info.path,
      url: `${page}/resolve/${at}/${info.path}`,
      size: info.size,
      hash: info.lfs?.oid ?? info.oid ?? '',
      algorithm: info.lfs === undefined ? 'git-sha1' : 'sha256',
    };
    if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(file.hash)) {
      throw new PolarError(`${file.url}: the hub gives no hash to check the file by; try again later`);
    }
    const blob = repository.blob(file.hash);
    await downloadFile(file, blob, {
      fetch: access.fetch,
      signal: options.signal,
      onProgress: (loaded) => options.onProgress?.({ file: file.name, loaded, total: file.size }),
    });
    await repository.link(commit, file.name, file.hash);
    return blob;
  };
  const weightsAt = async (at: string) => {
    const found = await describeFiles([SINGLE_WEIGHTS, SHARD_INDEX], at);
    const info = found.get(SINGLE_WEIGHTS) ?? found.get(SHARD_INDEX);
    return info === undefined ? undefined : { info, at };
  };

  const found = await describeFiles(MODEL_FILES, commit);
  const missing: string[] = MODEL_FILES.filter((file) => !found.has(file));
  let weights = missing.length > 0 ? undefined : await weightsAt(commit);
  if (missing.length === 0 && weights === undefined) {
    const readJson = async (url: string): Promise<unknown> => {
      const response = await access.fetch(url);
      return response.ok ? response.json() : undefined;
    };
    const api = `${hubUrl}/api/models/${id}`;
    const conversion = await asking(page, options, () => findConversion(api, commit, readJson));
    if (conversion !== undefined) weights = await weightsAt(conversion);
    if (weights === undefined) missing.push(SINGLE_WEIGHTS);
  }
  if (weights === undefined) {
    throw new PolarError(
      `${page}: ${missing.join(', ')} missing; choose a CLIP repository with a tokenizer.json and safetensors weights`,
    );
  }
  // Another kind of model is told by its smallest file, before gigabytes of it are fetched.
  readClipConfig(await readJsonFile(await fetchFile(found.get(CONFIG)!, commit)), `${page}: ${CONFIG}`);
  for (const file of MODEL_FILES) await fetchFile(found.get(file)!, commit);
  const blob = await fetchFile(weights.info, weights.at);
  if (weights.info.path === SHARD_INDEX) {
    const shards = await shardNames(blob);
    const infos = await describeFiles(shards, weights.at);
    for (const shard of shards) {
      const info = infos.get(shard);
      if (info === undefined)
        throw new PolarError(`${page}: ${shard}, which ${SHARD_INDEX} names, is missing`);
      await fetchFile(info, weights.at);
    }
  }
  await repository.writeRef(revision, commit);
  const files = await repository.snapshot(commit);
  if (files === undefined) {
    throw new PolarError(`${name}: the cache ${repository.folder} changed during the download; try again`);
  }
  return { id, revision: commit, files };
}

async function asking<T>(page: string, { signal }: ResolveOptions, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    signal?.throwIfAborted();
    const { statusCode } = error as Partial<HubApiError>;
    if (statusCode !== undefined) throw refusal(page, statusCode);
    throw new PolarError(
      `${page}: the hub cannot be reached (${describe(error)}); check the connection, or use a model that is in the cache ("polar models")`,
    );
  }
}

/** Whether this copy of the package holds the small model. */
export const hasToybox = (): Promise<boolean> =>
  stat(resolve(TOYBOX_FOLDER, 'model.safetensors')).then(
    () => true,
    () => false,
  );

/**
 * The model that is used when none is named: `POLAR_MODEL`, else the complete CLIP in the cache that ranks first
 * (ViT-L/14 before B/16 before B/32, then any other by name), else `toybox`.
 */
export async function defaultModel(cacheFolder?: string): Promise<string> {
  if (process.env.POLAR_MODEL) return process.env.POLAR_MODEL;
  const preferred = ['ViT-L/14@336px', 'ViT-L/14', 'ViT-B/16', 'ViT-B/32'].map((name) => SHORT_NAMES[name]!);
  const rank = (id: string) => (preferred.includes(id) ? preferred.indexOf(id) : preferred.length);
  const complete = (await listCachedModels(cacheFolder)).filter((model) => model.complete);
  complete.sort((a, b) => rank(a.id) - rank(b.id) || (a.id < b.id ? -1 : 1));
  const [first] = complete;
  return first === undefined ? TOYBOX : `${first.id}@${first.revision}`;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && ['1', 'on', 'yes', 'true'].includes(value.toLowerCase());
}
