import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file that was made to be downloaded. */
export interface MadeFile {
  readonly path: string;
  /** What it is to be called where it arrives. */
  readonly name: string;
  readonly type: string;
}

// A download is begun at once; a zip may have gigabytes.
const KEPT = 3;
const KEPT_MS = 24 * 3_600_000;

/** Files that were made to be downloaded; only the last few are kept. */
export class MadeFiles {
  readonly #folder: string;
  readonly #files = new Map<string, MadeFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @param write writes the file
   * @returns the id that it is downloaded by, and what `write` says
   */
  async make<T>(
    file: Pick<MadeFile, 'name' | 'type'>,
    write: (path: string) => Promise<T>,
  ): Promise<{ readonly id: string; readonly made: T }> {
    const id = randomUUID();
    const path = join(this.#folder, id);
    const made = await write(path).catch(async (error: unknown) => {
      await rm(path, { force: true });
      throw error;
    });
    this.#files.set(id, { ...file, path });
    const old = [...this.#files.keys()].slice(0, -KEPT);
    await Promise.all(old.map((other) => this.#remove(other)));
    return { id, made };
  }

  /** A file by its id. */
  find(id: string): MadeFile | undefined {
    return this.#files.get(id);
  }

  /** Removes those of servers that were killed; one that runs may still need its own. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const path = join(this.#folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && Date.now() - found.mtimeMs > KEPT_MS) await rm(path, { force: true });
    }
  }

  /** Removes all. */
  async close(): Promise<void> {
    await Promise.all([...this.#files.keys()].map((id) => this.#remove(id)));
  }

  async #remove(id: string): Promise<void> {
    const file = this.#files.get(id);
    this.#files.delete(id);
    if (file !== undefined) await rm(file.path, { force: true });
  }
}
