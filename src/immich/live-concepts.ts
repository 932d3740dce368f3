import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConceptStore } from '../node/concepts/concept-store.ts';
import { ADAPTER_WEIGHTS } from '../polar/concept/adapter.ts';
import type { Concept } from '../polar/concept/concept.ts';

/** A user's concepts as they are at every moment, read again only when one was learnt, renamed or removed. */
export class LiveConcepts {
  readonly #store: ConceptStore;
  readonly #onDamaged: (line: string) => void;
  #seen: string | undefined;
  #concepts: Promise<readonly Concept[]> = Promise.resolve([]);

  /** @param onDamaged called once with what is wrong with a concept that cannot be read */
  constructor(store: ConceptStore, onDamaged: (line: string) => void) {
    this.#store = store;
    this.#onDamaged = onDamaged;
  }

  /** All concepts, by name. */
  async list(): Promise<readonly Concept[]> {
    const state = await this.#state();
    if (state !== this.#seen) {
      this.#seen = state;
      this.#concepts = this.#store.list(this.#onDamaged);
      this.#concepts.catch(() => {
        this.#seen = undefined; // read again the next time
      });
    }
    return this.#concepts;
  }

  /** Changes with every concept: a save replaces files, so their inode or time differs. */
  async #state(): Promise<string> {
    const names = await readdir(this.#store.folder).catch(() => []);
    const files = await Promise.all(
      names.sort().map(async (name) => {
        const file = await stat(join(this.#store.folder, name, ADAPTER_WEIGHTS)).catch(() => undefined);
        return `${name} ${file?.ino} ${file?.mtimeMs} ${file?.size}`;
      }),
    );
    return files.join('\n');
  }
}
