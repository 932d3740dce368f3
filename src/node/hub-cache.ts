import { readdir, readFile, realpath, rename, stat, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { MODEL_FILES, SHARD_INDEX, SINGLE_WEIGHTS } from '../clip/hub/files.ts';
import { makeFolder, partialName, writeBeside } from './files.ts';
import { shardNames } from './weight-file.ts';

const huggingFaceHome = (): string =>
  process.env.HF_HOME ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface');

/** The cache folder: `HF_HUB_CACHE`, or `hub` under `HF_HOME`, or its usual place under the home directory. */
export const hubCacheFolder = (): string =>
  process.env.HF_HUB_CACHE ?? process.env.HUGGINGFACE_HUB_CACHE ?? join(huggingFaceHome(), 'hub');

/** The access token: `HF_TOKEN`, or the file that `hf auth login` writes. */
export async function hubToken(): Promise<string | undefined> {
  if (process.env.HF_TOKEN) return process.env.HF_TOKEN;
  const file = process.env.HF_TOKEN_PATH ?? join(huggingFaceHome(), 'token');
  const token = await readFile(file, 'utf8').catch(() => '');
  return token.trim() || undefined;
}

/** One repository's folder in the standard cache layout: `blobs`, `refs` and `snapshots`. */
export class CachedRepository {
  readonly folder: string;

  constructor(cacheFolder: string, id: string) {
    this.folder = join(cacheFolder, `models--${id.replaceAll('/', '--')}`);
  }

  /** Where the content with this hash lies. */
  blob(hash: string): string {
    return join(this.folder, 'blobs', hash);
  }

  /** The commit that a branch or tag stood for when it was last fetched. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (/^[0-9a-f]{40}$/.test(revision)) return revision;
    const commit = await readFile(join(this.folder, 'refs', revision), 'utf8').catch(() => '');
    return commit.trim() || undefined;
  }

  /** The complete snapshot of a commit, file name → real path; undefined when a file is missing. */
  async snapshot(commit: string): Promise<Map<string, string> | undefined> {
    const files = new Map<string, string>();
    const add = async (name: string): Promise<boolean> => {
      const path = await realpath(join(this.folder, 'snapshots', commit, name)).catch(() => undefined);
      if (path !== undefined) files.set(name, path);
      return path !== undefined;
    };
    for (const name of MODEL_FILES) if (!(await add(name))) return undefined;
    if (await add(SINGLE_WEIGHTS)) return files;
    if (!(await add(SHARD_INDEX))) return undefined;
    for (const name of await shardNames(files.get(SHARD_INDEX)!)) {
      if (!(await add(name))) return undefined;
    }
    return files;
  }

  /** Names a blob inside a snapshot. */
  async link(commit: string, name: string, hash: string): Promise<void> {
    const path = join(this.folder, 'snapshots', commit, name);
    await makeFolder(dirname(path));
    const partial = partialName(path);
    await symlink(relative(dirname(path), this.blob(hash)), partial);
    await rename(partial, path);
  }

  /** Remembers which commit a branch or tag stands for. */
  async writeRef(revision: string, commit: string): Promise<void> {
    if (revision === commit) return;
    const path = join(this.folder, 'refs', revision);
    await writeBeside(path, commit);
  }
}

/** A model in the cache. */
export interface CachedModel {
  readonly id: string;
  /** Commit. */
  readonly revision: string;
  readonly bytes: number;
  /** Whether everything is there to load it as a CLIP. */
  readonly complete: boolean;
}

/** The CLIP models in the cache; repositories of another kind are passed over. */
export async function listCachedModels(cacheFolder = hubCacheFolder()): Promise<CachedModel[]> {
  if ((await readdir(cacheFolder).catch(() => [])).length === 0) return [];
  // Loaded here and not above: a search must start fast, and never needs it.
  const { scanCacheDir } = await import('@huggingface/hub');
  const { repos } = await scanCacheDir(cacheFolder);
  const models: CachedModel[] = [];
  for (const { id, revisions } of repos) {
    if (id.type !== 'model') continue;
    const repository = new CachedRepository(cacheFolder, id.name);
    for (const { commitOid, path, size } of revisions) {
      const config = await readFile(join(path, 'config.json'), 'utf8').catch(() => '{}');
      if (!/"model_type"\s*:\s*"clip"/.test(config)) continue;
      const complete = (await repository.snapshot(commitOid)) !== undefined;
      models.push({ id: id.name, revision: commitOid, bytes: size, complete });
    }
  }
  return models;
}

/** Size of a file, or undefined where there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
  return stat(path).then(
    (stats) => stats.size,
    () => undefined,
  );
}
