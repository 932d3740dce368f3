/** Tells all open pages that something has changed, so that a second one learns what the first one did. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  /** @returns ends the subscription */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something has changed: the state of the app is worth asking for. */
  tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
