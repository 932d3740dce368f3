import { computed, signal } from '@preact/signals';
import { ask, type Job, type JobRequest, sent, server } from '../api.ts';
import { readEvents } from '../events.ts';
import { attempt, loadState, state } from '../store.ts';

/** Long work of the server: in hand, or just done. */
export const job = signal<Job>();

/** Whether there is long work in hand. */
export const isBusy = computed(() => job.value?.state === 'running');

// The wall grows while a folder is read; each look costs more, so that they come at doubled distances.
const FIRST_LOOK = 32;

/** Adds a folder or the Toybox, or changes to another model. */
export async function startJob(wanted: JobRequest): Promise<void> {
  job.value = await ask(server.job.$post({ json: wanted }));
  void attempt(follow);
}

/** Takes up the work that was in hand when the page was opened, or that another page has begun. */
export function resumeJob(): void {
  if (state.value?.job?.state !== 'running' || isFollowing) return;
  job.value = state.value.job;
  void attempt(follow);
}

let isFollowing = false;

/** Stops the work in hand. */
export const stopJob = (): Promise<unknown> => attempt(() => ask(server.job.$delete()));

async function follow(): Promise<void> {
  isFollowing = true;
  try {
    await readJob();
  } finally {
    isFollowing = false;
  }
}

async function readJob(): Promise<void> {
  const { body } = await sent(server.job.$get());
  let nextLook = FIRST_LOOK;
  let label = '';
  for await (const next of readEvents<Job | null>(body!)) {
    if (next === null) return;
    if (next.state !== 'running') await loadState(); // what came of it is there when the message says so
    job.value = next;
    if (next.label.text !== label) nextLook = FIRST_LOOK;
    label = next.label.text;
    if (next.done >= nextLook) {
      nextLook *= 2;
      void attempt(() => loadState());
    }
  }
}
