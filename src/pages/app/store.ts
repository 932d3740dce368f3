import { batch, computed, signal } from '@preact/signals';
import { troubleOf } from '../ui/refusal.ts';
import type { Trouble } from '../ui/trouble.tsx';
import { ask, type ConceptSummary, isStop, type LibraryFolder, type State, server } from './api.ts';

/** The app's state as the server tells it. */
export const state = signal<State>();

/** The indexed folders of the model in use. */
export const folders = signal<readonly LibraryFolder[]>([]);

/** Last error. */
export const problem = signal<Trouble>();

/** What was deleted last, while it can be undone at once. */
export const deleted = signal<{ readonly name: string; readonly restore: () => Promise<void> }>();

/** Whether the dialog with the settings is open. */
export const isChoosing = signal(false);

/** Whether the dialog that adds photos is open. */
export const isAdding = signal(false);

/** Concepts that can be searched for, by the time they were learnt: each keeps its colour while others come. */
export const concepts = computed<readonly ConceptSummary[]>(() =>
  [...(state.value?.concepts ?? [])].sort((a, b) => (a.created < b.created ? -1 : 1)),
);

const HUES = 8;

/** Class of a concept's colour. */
export function hueOf(name: string): string {
  const index = concepts.value.findIndex((concept) => concept.name === name);
  return `hue-${Math.max(0, index) % HUES}`;
}

/**
 * Asks the server how things are.
 *
 * @param then what changes together with it
 */
export async function loadState(then = () => {}): Promise<void> {
  const next = await ask(server.state.$get());
  batch(() => {
    state.value = next;
    then();
  });
}

/** Asks the server what lies in the indexed folders, and is left out. */
export async function loadFolders(): Promise<void> {
  const all = await ask(server.library.$get());
  folders.value = all.filter(({ modelId }) => modelId === null || modelId === state.value?.model);
}

/** Does something that may fail, and says why where it does. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  problem.value = undefined;
  try {
    return await work();
  } catch (error) {
    if (!isStop(error)) problem.value = troubleOf(error);
    return undefined;
  }
}
