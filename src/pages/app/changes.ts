import { loadAlbums } from './albums/albums.ts';
import { sent, server } from './api.ts';
import { readEvents } from './events.ts';
import { resumeJob } from './library/job.ts';
import { attempt, loadState } from './store.ts';

const TRY_AGAIN_MS = 3000;
// Several changes that come together are one look.
const GATHER_MS = 100;

/** Learns what other pages and programs do, for as long as this one is seen. */
export function followChanges(): () => void {
  let end = new AbortController();
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      void attempt(async () => {
        await loadState();
        await loadAlbums();
        resumeJob();
      });
    }, GATHER_MS);
  };
  const follow = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      try {
        const { body } = await sent(server.changes.$get({}, { init: { signal } }));
        for await (const turn of readEvents<number>(body!)) if (turn > 0) look();
      } catch {
        // The server has gone, which the next action says; it may come back.
      }
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  };
  // A browser has few connections to one server: pages that are not seen need none.
  const onSight = () => {
    end.abort();
    if (document.visibilityState !== 'visible') return;
    end = new AbortController();
    look();
    void follow(end.signal);
  };
  document.addEventListener('visibilitychange', onSight);
  void follow(end.signal);
  return () => {
    document.removeEventListener('visibilitychange', onSight);
    end.abort();
  };
}
