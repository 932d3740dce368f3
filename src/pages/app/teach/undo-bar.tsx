import { useEffect } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { say } from '../../words/say.ts';
import { ask, server } from '../api.ts';
import { go } from '../place.ts';
import { attempt, deleted, loadState } from '../store.ts';

const SHOWN_MS = 20_000;

/** Brings back what was just deleted. */
export function UndoBar() {
  const name = deleted.value;
  useEffect(() => {
    if (name === '') return;
    const timer = setTimeout(close, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [name]);
  if (name === '') return null;
  const undo = () =>
    attempt(async () => {
      const all = await ask(server.deleted.$get());
      const found = all.find((one) => one.name === name);
      if (found === undefined) return;
      close();
      await ask(server.deleted[':id'].$post({ param: { id: found.id } }));
      await loadState(() => go({ concept: name }));
    });
  return (
    <section class="job" aria-label={say('undo.region')}>
      <p role="status">{say('undo.done', { name })}</p>
      <button type="button" onClick={undo}>
        {say('undo.undo')}
      </button>
      <button type="button" class="bare" aria-label={say('close.message')} onClick={close}>
        <Icon name="close" />
      </button>
    </section>
  );
}

function close(): void {
  deleted.value = '';
}
