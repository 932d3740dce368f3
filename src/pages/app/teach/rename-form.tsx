import { useState } from 'preact/hooks';
import { say } from '../../words/say.ts';
import { ask, server } from '../api.ts';
import { go } from '../place.ts';
import { attempt, loadState } from '../store.ts';

/** Calls a concept something else. */
export function RenameForm({ name }: { readonly name: string }) {
  const [next, setNext] = useState(name);
  const rename = () =>
    attempt(async () => {
      const renamed = await ask(server.concepts[':name'].$patch({ param: { name }, json: { name: next } }));
      await loadState(() => go({ concept: renamed.name }, 'replace'));
    });
  return (
    <form
      class="path"
      onSubmit={(event) => {
        event.preventDefault();
        void rename();
      }}
    >
      <label>
        {say('rename.label')}
        <input
          dir="auto"
          value={next}
          required
          maxLength={60}
          autocomplete="off"
          onInput={(event) => setNext(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={next.trim() === '' || next.trim() === name}>
        {say('rename.do')}
      </button>
    </form>
  );
}
