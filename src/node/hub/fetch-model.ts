import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readClipConfig } from '../../clip/families/describe.ts';
import { type FileSource, MODEL_FILES, planFiles, WEIGHT_FILES } from '../../clip/hub/files.ts';
import { parseRepositoryName, repositoryOf, TOYBOX } from '../../clip/hub/names.ts';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { exists, readJsonFile } from '../files.ts';
import { localModel, type ModelLocation } from '../local-model.ts';
import type { RemoteFile } from './download.ts';
import { CachedRepository, hubCacheFolder } from './hub-cache.ts';
import type { HubAccess } from './hub-client.ts';

/** How far the download of a file has come. */
export interface DownloadProgress {
  readonly file: string;
  readonly loaded: number;
  readonly total: number;
}

/** How a model is looked for. */
export interface ResolveOptions extends HubAccess {
  /** Cache folder; `HF_HUB_CACHE` or `HF_HOME` decide when absent. */
  readonly cacheFolder?: string | undefined;
  /** Never ask the network; `HF_HUB_OFFLINE` when absent. */
  readonly offline?: boolean | undefined;
  /** Called as files arrive. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /** Called before a model is downloaded, with the licence that its repository names, if it names one. */
  readonly onLicence?: ((licence: string | undefined) => void) | undefined;
}

const TOYBOX_FOLDER = fileURLToPath(new URL('../../../models/toybox', import.meta.url));

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
      'not-found',
    );
  }
  if (repositoryOf(name) === undefined) {
    const folder = await stat(name).catch(() => undefined);
    if (folder?.isDirectory()) return localModel(name, resolve(name));
    if (folder !== undefined) {
      throw new PolarError(`${name}: a file, expected the folder of a CLIP model`, 'unreadable');
    }
  }
  const { id, revision } = parseRepositoryName(name);
  const repository = new CachedRepository(options.cacheFolder ?? hubCacheFolder(), id);
  const cached = await repository.commitOf(revision);
  const files = cached === undefined ? undefined : await repository.snapshot(cached);
  if (cached !== undefined && files !== undefined) return { id, revision: cached, files };
  if (options.offline ?? isSet(process.env.HF_HUB_OFFLINE)) {
    // A download of a commit leaves no branch behind; without a network what is there is what can be meant.
    const newest = revision === 'main' && cached === undefined ? await newestSnapshot(repository) : undefined;
    if (newest !== undefined) return { id, ...newest };
    throw new PolarError(
      `${name}: ${tell('hub.offline', { folder: repository.folder, model: name })}`,
      'unreachable',
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
  // What speaks with the hub is loaded when it is spoken with.
  const [{ downloadFile }, { openRemote }] = await Promise.all([
    import('./download.ts'),
    import('./hub-client.ts'),
  ]);
  const remote = await openRemote(id, options);
  const { commit, licence } = await remote.stateOf(revision);
  const known = new Map<string, RemoteFile>();
  const asked = new Set<string>();
  let weightsAt = commit;
  const ask = async (names: readonly string[], at: string): Promise<void> => {
    for (const name of names) asked.add(name);
    for (const file of await remote.describe(names, at)) known.set(file.name, file);
  };
  const fetchFile = async (file: RemoteFile): Promise<string> => {
    const blob = repository.blob(file.hash);
    await downloadFile(file, blob, {
      fetch: remote.fetch,
      signal: options.signal,
      pause: options.pause,
      onProgress: (loaded) => options.onProgress?.({ file: file.name, loaded, total: file.size }),
    });
    await repository.link(commit, file.name, file.hash);
    return blob;
  };
  const source: FileSource = {
    async present(names) {
      const unasked = names.filter((file) => !asked.has(file));
      if (unasked.length > 0) await ask(unasked, weightsAt); // only shards are not asked for at once below
      return new Set(names.filter((file) => known.has(file)));
    },
    readJson: async (file) => readJsonFile(await fetchFile(known.get(file)!)),
  };

  await ask(MODEL_FILES, commit);
  let plan = await planFiles(source);
  // Another kind of model is told by its smallest file, before gigabytes of it are fetched.
  if (known.has(plan.config)) {
    readClipConfig(await source.readJson(plan.config), `${remote.page}: ${plan.config}`);
  }
  if (plan.missing.length > 0 && plan.missing.every(isWeightFile)) {
    const conversion = await remote.conversionOf(commit);
    if (conversion !== undefined) {
      weightsAt = conversion;
      await ask(WEIGHT_FILES, conversion);
      plan = await planFiles(source);
    }
  }
  if (plan.missing.length > 0) {
    throw new PolarError(
      `${remote.page}: ${plan.missing.join(', ')} missing; choose a repository with safetensors weights and a tokenizer.json`,
      'not-found',
    );
  }
  options.onLicence?.(licence);
  for (const file of plan.files) await fetchFile(known.get(file)!);
  await repository.writeRef(revision, commit);
  const files = await repository.snapshot(commit);
  if (files === undefined) {
    throw new PolarError(
      `${name}: the cache ${repository.folder} changed during the download; try again`,
      'busy',
    );
  }
  return { id, revision: commit, files };
}

/** The complete snapshot that was fetched last. */
async function newestSnapshot(
  repository: CachedRepository,
): Promise<Pick<ModelLocation, 'revision' | 'files'> | undefined> {
  for (const revision of await repository.commits().catch(() => [])) {
    const files = await repository.snapshot(revision);
    if (files !== undefined) return { revision, files };
  }
  return undefined;
}

const isWeightFile = (name: string): boolean => WEIGHT_FILES.some((file) => file === name);

/** Whether this copy of the package holds the small model. */
export const hasToybox = (): Promise<boolean> => exists(resolve(TOYBOX_FOLDER, 'model.safetensors'));

function isSet(value: string | undefined): boolean {
  return value !== undefined && ['1', 'on', 'yes', 'true'].includes(value.toLowerCase());
}
