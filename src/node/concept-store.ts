import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PolarError } from '../errors.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { fold } from '../polar/query/mentions.ts';
import { mendKilledSaves, readConcept, saveConcept } from './concept-folder.ts';

/** A user's concepts: one adapter directory each, in one folder. Names that differ only in case are one name. */
export class ConceptStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * All concepts, by name. One that is damaged never hides the others.
   *
   * @param onDamaged told what is wrong with a concept that cannot be read
   */
  async list(onDamaged?: (line: string) => void): Promise<Concept[]> {
    const readFolder = () =>
      readdir(this.folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []; // nothing learnt yet
        throw new PolarError(
          `${this.folder}: cannot be read (${error.code}); check POLAR_HOME and its permissions`,
        );
      });
    let entries = await readFolder();
    const names = entries.map((entry) => entry.name);
    if (await mendKilledSaves(this.folder, names)) entries = await readFolder();
    const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
    const concepts = await Promise.all(
      folders.map((entry) =>
        readConcept(join(this.folder, entry.name)).catch((error: unknown) => {
          if (!(error instanceof PolarError)) throw error;
          onDamaged?.(`passed over a damaged concept: ${error.message}, or delete its folder`);
          return undefined;
        }),
      ),
    );
    return concepts
      .filter((concept) => concept !== undefined)
      .sort((a, b) => (fold(a.name) < fold(b.name) ? -1 : 1));
  }

  /** @throws PolarError naming the concepts that there are */
  async get(name: string): Promise<Concept> {
    const all = await this.list();
    const found = all.find((concept) => fold(concept.name) === fold(name));
    if (found === undefined) {
      const known = all.map((concept) => concept.name).join(', ');
      throw new PolarError(
        `no concept "${name}"; ${known === '' ? 'learn one with "polar learn"' : `known are: ${known}`}`,
      );
    }
    return found;
  }

  /** Whether there is a concept of this name; capitals make no difference. */
  async has(name: string): Promise<boolean> {
    return (await this.list()).some((concept) => fold(concept.name) === fold(name));
  }

  /** Saves a concept, over one of the same name. */
  async save(concept: Concept): Promise<void> {
    checkConceptName(concept.name);
    await saveConcept(this.directoryOf(concept.name), concept);
  }

  /**
   * Gives a concept another name.
   *
   * @throws PolarError when there is none, or the new name is taken or cannot be used
   */
  async rename(from: string, to: string): Promise<Concept> {
    checkConceptName(to);
    const concept = await this.get(from);
    if (fold(from) !== fold(to) && (await this.has(to))) {
      throw new PolarError(`there is a concept "${to}" already; remove it first, or choose another name`);
    }
    const renamed = { ...concept, name: to };
    await this.save(renamed);
    if (fold(from) !== fold(to)) await rm(this.directoryOf(concept.name), { recursive: true });
    return renamed;
  }

  /**
   * Deletes a concept.
   *
   * @throws PolarError when there is none
   */
  async remove(name: string): Promise<void> {
    const concept = await this.get(name);
    await rm(this.directoryOf(concept.name), { recursive: true });
  }

  /** Where a concept of this name is kept. */
  directoryOf(name: string): string {
    return join(this.folder, encodeURIComponent(fold(name)).replaceAll('.', '%2E').replaceAll('*', '%2A'));
  }
}

const MAX_NAME_LENGTH = 60;

/**
 * Checks the name of a concept to be saved.
 *
 * @throws PolarError for a name that could not be found again in a sentence
 */
export function checkConceptName(name: string): void {
  if (
    name.length > MAX_NAME_LENGTH ||
    !/^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} .'_-]*[\p{L}\p{M}\p{N}])?$/u.test(name)
  ) {
    throw new PolarError(
      `the name ${JSON.stringify(name)} cannot be used; expected letters and digits (spaces, dots, ', _ and - inside), at most ${MAX_NAME_LENGTH}`,
    );
  }
}
