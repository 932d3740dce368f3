import { useState } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.tsx';
import { ask, server } from '../api.ts';
import { go } from '../place.ts';
import { attempt, deleted, loadState } from '../store.ts';

/** Forgets a concept, once that was confirmed. */
export function DeleteConcept({ name }: { readonly name: string }) {
  const [isAsking, setAsking] = useState(false);
  const remove = () =>
    attempt(async () => {
      setAsking(false);
      await ask(server.concepts[':name'].$delete({ param: { name } }));
      deleted.value = name;
      await loadState(() => go({ concept: '' }, 'replace'));
    });
  return (
    <>
      <button type="button" class="danger" onClick={() => setAsking(true)}>
        Delete
      </button>
      {isAsking && (
        <Dialog title={`Forget ${name}?`} onClose={() => setAsking(false)}>
          <p>It can be brought back for 30 days. The photos in your library stay as they are.</p>
          <div class="buttons">
            <button type="button" onClick={() => setAsking(false)}>
              Keep {name}
            </button>
            <button type="button" class="danger" onClick={remove}>
              Delete {name}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
