import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PolarError } from '../../errors.ts';
import type { Concept } from '../../polar/concept/concept.ts';
import { checkConceptName, nameTaken } from '../../polar/concept/concept-name.ts';
import { fold } from '../../polar/query/fold.ts';
import { makeFolder } from '../files.ts';
import { waitForLock } from '../lock.ts';
import { findConcepts, readConcept, removeConcept, renameConcept, saveConcept } from './concept-folder.ts';

import { DeletedConcepts } from './deleted-concepts.ts';

/** A user's concepts: one adapter directory each, in one folder. Names that differ only in case are one name. */
export class ConceptStore {
  readonly folder: string;
  /** What was deleted in the last 30 days. */
  readonly deleted: DeletedConcepts;

  constructor(folder: string) {
    this.folder = folder;
    this.deleted = new DeletedConcepts(`${folder}-deleted`);
  }

  /**
   * All concepts, by name. One that is damaged never hides the others.
   *
   * @param onDamaged told what is wrong with a concept that cannot be read
   */
  async list(onDamaged?: (line: string) => void): Promise<Concept[]> {
    const { kept, damaged } = await this.#read();
    for (const { directory, problem } of damaged) {
      const name = nameOfFolder(basename(directory));
      onDamaged?.(`skipped a damaged concept: ${problem}; polar concepts remove "${name}" deletes it`);
    }
    return kept.map(({ concept }) => concept);
  }

  /** @throws PolarError naming the concepts that there are */
  async get(name: string): Promise<Concept> {
    return (await this.#find(name)).concept;
  }

  /** Whether there is a concept of this name; capitals make no difference. */
  async has(name: string): Promise<boolean> {
    return (await this.list()).some((concept) => fold(concept.name) === fold(name));
  }

  /**
   * Saves a concept, over one of the same name unless it has to be new.
   *
   * @throws PolarError when it has to be new and the name is taken, or cannot be used
   */
  async save(concept: Concept, { isNew = false }: { readonly isNew?: boolean } = {}): Promise<void> {
    const { name } = concept;
    checkConceptName(name);
    const save = (): Promise<void> => saveConcept(this.directoryOf(name), concept);
    await (isNew ? this.#naming(name, save) : save());
  }

  /**
   * Gives a concept another name.
   *
   * @throws PolarError when there is none, or the new name is taken or cannot be used
   */
  async rename(from: string, to: string): Promise<Concept> {
    checkConceptName(to);
    const { directory } = await this.#find(from);
    const rename = (): Promise<Concept> => renameConcept(directory, this.directoryOf(to), to);
    return fold(from) === fold(to) ? rename() : this.#naming(to, rename);
  }

  /** Gives a concept a name that none has, while no other process gives one. */
  async #naming<Result>(name: string, change: () => Promise<Result>): Promise<Result> {
    await makeFolder(dirname(this.folder));
    const lock = await waitForLock(`${this.folder}.lock`);
    try {
      if (await this.has(name)) throw nameTaken(name);
      return await change();
    } finally {
      await lock.release();
    }
  }

  /**
   * Deletes a concept, a damaged one too; one that can be read is kept for 30 days, to be brought back.
   *
   * @throws PolarError when there is none
   */
  async remove(name: string): Promise<void> {
    const { damaged } = await this.#read();
    const broken = damaged.find(({ directory }) => fold(nameOfFolder(basename(directory))) === fold(name));
    if (broken !== undefined) return removeConcept(broken.directory);
    const { concept, directory } = await this.#find(name);
    await this.deleted.add(concept);
    await removeConcept(directory);
  }

  /**
   * Brings a deleted concept back.
   *
   * @param id as `deleted` lists it
   * @throws PolarError when it is not there any more, or its name was taken meanwhile
   */
  async restore(id: string): Promise<Concept> {
    const concept = await this.deleted.read(id);
    await this.save(concept, { isNew: true });
    await this.deleted.drop(id);
    return concept;
  }

  /** Where a concept of this name is kept. */
  directoryOf(name: string): string {
    return join(this.folder, encodeURIComponent(fold(name)).replaceAll('.', '%2E').replaceAll('*', '%2A'));
  }

  async #find(name: string): Promise<Found> {
    const { kept } = await this.#read();
    const found = kept.find(({ concept }) => fold(concept.name) === fold(name));
    if (found === undefined) {
      const known = kept.map(({ concept }) => concept.name).join(', ');
      throw new PolarError(
        `no concept "${name}"; ${known === '' ? 'learn one with "polar learn"' : `known are: ${known}`}`,
        'not-found',
      );
    }
    return found;
  }

  /** Reads again what another process changed meanwhile: a concept that is replaced has two places in turn. */
  async #read(): Promise<Contents> {
    for (let attempt = 1; ; attempt++) {
      const before = await this.#look();
      const contents = await this.#readAll();
      const isStable = !contents.hasVanished && (await this.#look()) === before;
      if (isStable || attempt === READ_AT_MOST) return contents;
      await sleep(READ_AGAIN_MS);
    }
  }

  /** Changes when a concept comes, goes or is replaced. */
  async #look(): Promise<string> {
    const [names, found] = await Promise.all([
      readdir(this.folder).catch(() => []),
      stat(this.folder, { bigint: true }).catch(() => undefined),
    ]);
    return `${found?.mtimeNs} ${names.join('/')}`;
  }

  async #readAll(): Promise<Contents> {
    const kept: Found[] = [];
    const damaged: Contents['damaged'] = [];
    let hasVanished = false;
    await Promise.all(
      (await this.#directories()).map(async ({ name, directory }) => {
        const place = join(this.folder, name);
        try {
          kept.push({ concept: await readConcept(directory), directory: place });
        } catch (error) {
          if (!(error instanceof PolarError)) throw error;
          if (await isFolder(directory)) damaged.push({ directory: place, problem: error.message });
          else hasVanished = true;
        }
      }),
    );
    kept.sort((a, b) => (fold(a.concept.name) < fold(b.concept.name) ? -1 : 1));
    return { kept, damaged, hasVanished };
  }

  async #directories(): ReturnType<typeof findConcepts> {
    try {
      return await findConcepts(this.folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return []; // nothing learnt yet
      throw new PolarError(
        `${this.folder}: cannot be read (${code}); check POLAR_HOME and its permissions`,
        'unreadable',
      );
    }
  }
}

const READ_AT_MOST = 200;
const READ_AGAIN_MS = 10;

interface Contents {
  readonly kept: Found[];
  readonly damaged: { readonly directory: string; readonly problem: string }[];
  /** Whether one was gone before it could be read. */
  readonly hasVanished: boolean;
}

/** A concept and the directory that it was read from. */
interface Found {
  readonly concept: Concept;
  readonly directory: string;
}

/** The name that a concept's directory stands for. */
function nameOfFolder(folder: string): string {
  try {
    return decodeURIComponent(folder);
  } catch {
    return folder;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
