import { computed, signal } from '@preact/signals';
import type { Message } from '../../../messages.ts';
import type { RefusalCode } from '../../../server/router.ts';
import { Refusal, troubleOf } from '../../ui/refusal.ts';
import { translate } from '../../words/say.ts';
import { ask, isStop, sent, server, type Thing } from '../api.ts';
import { readEvents } from '../events.ts';
import { attempt, concepts, loadState, problem } from '../store.ts';

/** A photo to learn from. */
export interface Example {
  readonly id: string;
  readonly name: string;
}

/** Learning, from the first step to what came out of it. */
export interface Lesson {
  readonly name: string;
  readonly losses: readonly number[];
  /** Steps in all. */
  readonly total: number;
  readonly learnt?: {
    readonly name: string;
    readonly photos: number;
    readonly seconds: number;
    readonly hints: readonly Message[];
  };
}

type LearnEvent =
  | { kind: 'steps'; total: number; losses: number[] }
  | {
      kind: 'learnt';
      concept: { name: string; photos: number };
      seconds: number;
      hints: readonly Message[];
    }
  | { kind: 'error'; error: string; code: RefusalCode; message: Message };

/** Whether the panel is open: a click in the wall chooses a photo then. */
export const isTeaching = signal(false);
export const examples = signal<readonly Example[]>([]);
export const name = signal('');
export const className = signal('');
/** Treatment of an existing concept of the same name; undefined while nobody has said. */
export const mode = signal<'add' | 'replace' | undefined>();
export const lesson = signal<Lesson>();
export const isLearning = signal(false);

/** The concept that has the name already. */
export const namesake = computed(() => {
  const wanted = name.value.trim().toLowerCase();
  return concepts.value.find((concept) => concept.name.toLowerCase() === wanted);
});

let controller = new AbortController();

/** Replaces a photo by a part of it. */
export function replaceExample(id: string, part: Example): void {
  examples.value = examples.value.map((example) => (example.id === id ? part : example));
}

export const isExample = (id: string): boolean => examples.value.some((example) => example.id === id);

/** Chooses a photo, or does not choose it any more. */
export function toggleExample({ id, name }: Example): void {
  lesson.value = undefined;
  examples.value = isExample(id)
    ? examples.value.filter((example) => example.id !== id)
    : [...examples.value, { id, name }];
}

/** Opens the panel. */
export function teach(about: {
  readonly name: string;
  readonly className: string | null;
  /** Where it is about a thing that is known. */
  readonly mode?: 'add' | 'replace' | undefined;
}): void {
  isTeaching.value = true;
  lesson.value = undefined;
  name.value = about.name;
  className.value = about.className ?? '';
  mode.value = about.mode;
}

/** Opens the panel with photos of one thing. */
export function teachWith(photos: readonly Example[]): void {
  teach({ name: '', className: null });
  examples.value = photos.map(({ id, name }) => ({ id, name }));
}

/** Opens the panel with a thing of the Toybox, which is ready to be learnt. */
export function teachThing(thing: Thing): void {
  teach(thing);
  examples.value = thing.photos.map((id, i) => ({ id, name: `${thing.name} ${i + 1}` }));
}

/** Teaches a thing again from photos that are at hand, such as to another model. */
export function teachAgain(
  about: { name: string; className: string | null },
  photos: readonly Example[],
): void {
  teach({ ...about, mode: 'replace' });
  examples.value = photos;
}

/** Hides the panel; what was chosen is there when it is opened again. */
export function pauseTeaching(): void {
  if (isLearning.value) return;
  isTeaching.value = false;
}

/** Takes up what was chosen before, or begins. */
export function resumeTeaching(): void {
  if (examples.value.length > 0 && lesson.value?.learnt === undefined) isTeaching.value = true;
  else teach({ name: '', className: null });
}

/** Closes the panel and forgets what was chosen. */
export function endTeaching(): void {
  controller.abort();
  isTeaching.value = false;
  lesson.value = undefined;
  examples.value = [];
  name.value = '';
  className.value = '';
  mode.value = undefined;
}

/** Brings in pictures that are in no folder of the library, to learn from. */
export async function bringIn(files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  if (!isTeaching.value) teach({ name: '', className: null });
  lesson.value = undefined;
  await attempt(async () => {
    const { photos, refused } = await ask(server.uploads.$post({ form: { photos: [...files] } }));
    examples.value = [...examples.value, ...photos.filter(({ id }) => !isExample(id))];
    problem.value =
      refused.length === 0 ? undefined : { text: refused.map(({ reason }) => translate(reason)).join(' · ') };
  });
}

/** Learns from the chosen photos. */
export async function learn(): Promise<void> {
  controller = new AbortController();
  const { signal } = controller;
  const wanted = {
    name: name.value.trim(),
    className: className.value.trim() || null,
    photos: examples.value.map(({ id }) => id),
    mode: namesake.value === undefined ? ('new' as const) : (mode.value ?? 'new'),
  };
  isLearning.value = true;
  problem.value = undefined;
  lesson.value = { name: wanted.name, losses: [], total: 1 };
  try {
    const { body } = await sent(server.learn.$post({ json: wanted }, { init: { signal } }));
    for await (const event of readEvents<LearnEvent>(body!)) take(event);
    await loadState();
  } catch (error) {
    lesson.value = undefined;
    if (!isStop(error)) problem.value = troubleOf(error);
  } finally {
    isLearning.value = false;
  }
}

function take(event: LearnEvent): void {
  const { name, losses } = lesson.value!;
  if (event.kind === 'error') throw new Refusal(event.error, event.code, event.message);
  if (event.kind === 'steps') {
    lesson.value = { name, losses: [...losses, ...event.losses], total: event.total };
  } else {
    const { concept, seconds, hints } = event;
    lesson.value = { ...lesson.value!, learnt: { ...concept, seconds, hints } };
  }
}

export const stopLearning = (): void => controller.abort();
