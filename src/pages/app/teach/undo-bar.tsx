import { useEffect } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { say } from '../../words/say.ts';
import { attempt, deleted } from '../store.ts';

const SHOWN_MS = 20_000;

/** Brings back what was just deleted. */
export function UndoBar() {
  const gone = deleted.value;
  useEffect(() => {
    if (gone === undefined) return;
    const timer = setTimeout(close, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [gone]);
  if (gone === undefined) return null;
  const undo = () =>
    attempt(async () => {
      close();
      await gone.restore();
    });
  return (
    <section class="job" aria-label={say('undo.region')}>
      <p role="status">{say('undo.done', { name: gone.name })}</p>
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
  deleted.value = undefined;
}
