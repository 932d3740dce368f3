import { copyFile, link, lstat, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { isCommit, isRepository } from '../../clip/hub/checks.ts';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { makeFolder, partialName, writeBeside } from '../files.ts';
import { readModelFolder } from '../model-folder.ts';

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

  /** @param id `org/name`, checked */
  constructor(cacheFolder: string, id: string) {
    this.folder = join(cacheFolder, `models--${id.replaceAll('/', '--')}`);
  }

  /** Where the content with this hash lies. */
  blob(hash: string): string {
    return join(this.folder, 'blobs', hash);
  }

  /** The commit that a branch or tag stood for when it was last fetched. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (isCommit(revision)) return revision;
    const commit = await readFile(join(this.folder, 'refs', revision), 'utf8').catch(() => '');
    return isCommit(commit.trim()) ? commit.trim() : undefined;
  }

  /** Commits that a part of is there, the one fetched last first. */
  async commits(): Promise<string[]> {
    const names = (await readdir(join(this.folder, 'snapshots'))).filter(isCommit);
    const times = await Promise.all(
      names.map((name) =>
        stat(join(this.folder, 'snapshots', name)).then(
          (stats) => stats.mtimeMs,
          () => 0,
        ),
      ),
    );
    return names
      .map((name, i) => ({ name, time: times[i]! }))
      .sort((a, b) => b.time - a.time)
      .map(({ name }) => name);
  }

  /** What there is of a commit. */
  inspect(commit: string): ReturnType<typeof readModelFolder> {
    return readModelFolder(join(this.folder, 'snapshots', commit));
  }

  /** The complete snapshot of a commit, file name → real path; undefined when a file is missing. */
  async snapshot(commit: string): Promise<Map<string, string> | undefined> {
    const { plan, files } = await this.inspect(commit);
    return plan.missing.length === 0 ? files : undefined;
  }

  /** Names a blob inside a snapshot: by a symbolic link, or where there are none (Windows) by a hard link or a copy. */
  async link(commit: string, name: string, hash: string): Promise<void> {
    const path = join(this.folder, 'snapshots', commit, name);
    await makeFolder(dirname(path));
    const partial = partialName(path);
    const blob = this.blob(hash);
    await symlink(relative(dirname(path), blob), partial)
      .catch(() => link(blob, partial))
      .catch(() => copyFile(blob, partial));
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
  /** Size of the files that polar reads. */
  readonly bytes: number;
  /** Whether everything is there to load it. */
  readonly complete: boolean;
}

/** What the cache holds. */
export interface CacheListing {
  readonly models: readonly CachedModel[];
  /** Entries that no model could be read from, each with the reason. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** Reads the cache: every snapshot is judged by its files, whatever `refs` says or lacks. */
export async function listCachedModels(cacheFolder = hubCacheFolder()): Promise<CacheListing> {
  const models: CachedModel[] = [];
  const skipped: { name: string; reason: string }[] = [];
  // Data sets, locks and the like are other programs' affair; a cache that is not there yet is empty.
  const names = (await readdir(cacheFolder).catch(() => [])).filter((name) => name.startsWith('models--'));
  for (const name of names.sort()) {
    const found = await readEntry(cacheFolder, name);
    if (typeof found === 'string') skipped.push({ name, reason: found });
    else models.push(...found);
  }
  return { models, skipped };
}

/** The models of one entry of the cache, or the reason why there are none. */
async function readEntry(cacheFolder: string, name: string): Promise<CachedModel[] | string> {
  const id = name.slice('models--'.length).replaceAll('--', '/');
  if (!isRepository(id)) return 'not named models--org--name';
  const repository = new CachedRepository(cacheFolder, id);
  let commits: string[];
  try {
    commits = await repository.commits();
  } catch (error) {
    return unreadable(repository.folder, error as NodeJS.ErrnoException);
  }
  if (commits.length === 0) return 'no snapshot in it';
  const models: CachedModel[] = [];
  let reason = '';
  for (const revision of commits) {
    try {
      const { plan, files } = await repository.inspect(revision);
      if (!files.has(plan.config)) reason ||= 'no config.json or open_clip_config.json in it';
      else if (!plan.isRead) reason ||= 'another kind of model';
      else {
        const sizes = await Promise.all(plan.files.map((file) => fileSize(files.get(file) ?? '')));
        const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
        models.push({ id, revision, bytes, complete: plan.missing.length === 0 });
      }
    } catch (error) {
      if (!(error instanceof PolarError)) throw error;
      reason ||= error.message;
    }
  }
  return models.length > 0 ? models : reason;
}

async function unreadable(folder: string, { code }: NodeJS.ErrnoException): Promise<string> {
  if (code !== 'ENOENT') return code === 'ENOTDIR' ? 'not a folder' : `cannot be read (${code})`;
  const isThere = (await stat(folder).catch(() => undefined)) !== undefined;
  if (isThere) return 'no snapshot in it';
  const isLink = (await lstat(folder).catch(() => undefined))?.isSymbolicLink() ?? false;
  return isLink ? 'a link that leads nowhere' : 'gone meanwhile';
}

/**
 * Takes a model out of the cache.
 *
 * @param name how it was called
 * @returns bytes of the files that polar read
 * @throws PolarError when it is not there
 */
export async function removeCachedModel(cacheFolder: string, id: string, name = id): Promise<number> {
  const there = (await listCachedModels(cacheFolder)).models.filter((model) => model.id === id);
  if (there.length === 0) {
    throw new PolarError(`${name}: ${tell('model.not-cached', { folder: cacheFolder })}`, 'not-found');
  }
  await rm(new CachedRepository(cacheFolder, id).folder, { recursive: true });
  return there.reduce((sum, model) => sum + model.bytes, 0);
}

/** Size of a file, or undefined where there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
  return stat(path).then(
    (stats) => stats.size,
    () => undefined,
  );
}
