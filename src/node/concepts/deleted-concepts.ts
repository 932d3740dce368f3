import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import type { Concept } from '../../polar/concept/concept.ts';
import { writeBeside } from '../files.ts';

/** A concept that was deleted and can be brought back. */
export interface DeletedConcept {
  readonly id: string;
  readonly name: string;
  /** Until when it is kept, ISO 8601. */
  readonly until: string;
}

// Most who open the shelf delete nothing.
const loadZip = () => import('../../polar/concept/zip.ts');

const KEPT_MS = 30 * 24 * 3_600_000;
const FILE = /^((\d{1,16})-[0-9a-f-]{36})\.zip$/;

/** Deleted concepts, each a zip file that is kept for 30 days. */
export class DeletedConcepts {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps a concept, and drops those whose time is over. */
  async add(concept: Concept, now = Date.now()): Promise<void> {
    for (const { id, time } of await this.#find()) if (time + KEPT_MS < now) await this.drop(id);
    const { zipConcept } = await loadZip();
    await writeBeside(this.#fileOf(`${now}-${randomUUID()}`), zipConcept(concept));
  }

  /** Those that can be brought back, the last one first. */
  async list(now = Date.now()): Promise<DeletedConcept[]> {
    const kept: DeletedConcept[] = [];
    for (const { id, time } of await this.#find()) {
      if (time + KEPT_MS < now) continue;
      const concept = await this.read(id).catch(() => undefined);
      if (concept === undefined) continue; // damaged: there is nothing to bring back
      kept.push({ id, name: concept.name, until: new Date(time + KEPT_MS).toISOString() });
    }
    return kept;
  }

  /** @throws PolarError when it is not there, or damaged */
  async read(id: string): Promise<Concept> {
    if (!(await this.#find()).some((deleted) => deleted.id === id)) {
      throw new PolarError(tell('concept.none-deleted'), 'not-found');
    }
    const { unzipConcept } = await loadZip();
    return unzipConcept(await readFile(this.#fileOf(id)), id);
  }

  /** Forgets one for good. */
  drop(id: string): Promise<void> {
    return rm(this.#fileOf(id), { force: true });
  }

  async #find(): Promise<{ readonly id: string; readonly time: number }[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const found = names.flatMap((name) => {
      const [, id, time] = FILE.exec(name) ?? [];
      return id === undefined ? [] : [{ id, time: Number(time) }];
    });
    return found.sort((a, b) => b.time - a.time);
  }

  #fileOf(id: string): string {
    return join(this.#folder, `${id}.zip`);
  }
}
