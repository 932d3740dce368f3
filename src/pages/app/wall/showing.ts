import { effect, signal } from '@preact/signals';
import { troubleOf } from '../../ui/refusal.ts';
import { isolate, say } from '../../words/say.ts';
import { isStop } from '../api.ts';
import { place } from '../place.ts';
import { concepts, problem, state } from '../store.ts';
import { PhotoList } from './photo-list.ts';

/** The photos that are shown; those before stay until the next have come. */
export const shown = signal<PhotoList>();

/** Whether others are on their way. */
export const isSearching = signal(false);

let controller = new AbortController();

/** Shows what the place asks for, anew whenever the library or what is known has changed. */
export function followPlace(): () => void {
  let asked = '';
  return effect(() => {
    const { sentence, like, not, without, from, to, folder, plain, album, favourites } = place.value;
    const title = album || (favourites ? say('albums.favourites') : sentence);
    document.title = title === '' ? 'POLAR' : `${isolate(title)} · POLAR`;
    if (state.value === undefined) return;
    const known = concepts.value.map(({ name, created }) => [name, created]);
    const question = { sentence, like, not, without, from, to, folder, plain, album, favourites };
    const key = JSON.stringify([question, state.value.version, known]);
    if (key === asked) return;
    asked = key;
    void show(question);
  });
}

async function show(question: PhotoList['question']): Promise<void> {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  isSearching.value = true;
  try {
    const list = await new PhotoList(question, signal).open();
    if (signal.aborted) return;
    shown.value = list;
    problem.value = undefined;
  } catch (error) {
    if (isStop(error)) return;
    problem.value = troubleOf(error);
    shown.value = undefined; // what was found before answers another question
  } finally {
    if (!signal.aborted) isSearching.value = false;
  }
}
