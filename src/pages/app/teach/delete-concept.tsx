import { useState } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.tsx';
import { say } from '../../words/say.ts';
import { ask, server } from '../api.ts';
import { go } from '../place.ts';
import { attempt, deleted, loadState } from '../store.ts';

async function bringBack(name: string): Promise<void> {
  const all = await ask(server.deleted.$get());
  const found = all.find((one) => one.name === name);
  if (found === undefined) return;
  await ask(server.deleted[':id'].$post({ param: { id: found.id } }));
  await loadState(() => go({ concept: name }));
}

/** Forgets a concept, once that was confirmed. */
export function DeleteConcept({ name }: { readonly name: string }) {
  const [isAsking, setAsking] = useState(false);
  const remove = () =>
    attempt(async () => {
      setAsking(false);
      await ask(server.concepts[':name'].$delete({ param: { name } }));
      deleted.value = { name, restore: () => bringBack(name) };
      await loadState(() => go({ concept: '' }, 'replace'));
    });
  return (
    <>
      <button type="button" class="danger" onClick={() => setAsking(true)}>
        {say('delete.short')}
      </button>
      {isAsking && (
        <Dialog title={say('delete.title', { name })} onClose={() => setAsking(false)}>
          <p>{say('delete.more')}</p>
          <div class="buttons">
            <button type="button" onClick={() => setAsking(false)}>
              {say('delete.keep', { name })}
            </button>
            <button type="button" class="danger" onClick={remove}>
              {say('delete.do', { name })}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
