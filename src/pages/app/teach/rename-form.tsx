import { NameForm } from '../../ui/name-form.tsx';
import { ask, server } from '../api.ts';
import { go } from '../place.ts';
import { attempt, loadState } from '../store.ts';

/** Calls a concept something else. */
export function RenameForm({ name }: { readonly name: string }) {
  const rename = (next: string) =>
    attempt(async () => {
      const renamed = await ask(server.concepts[':name'].$patch({ param: { name }, json: { name: next } }));
      await loadState(() => go({ concept: renamed.name }, 'replace'));
    });
  return <NameForm name={name} onName={rename} />;
}
