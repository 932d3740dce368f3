import { useState } from 'preact/hooks';
import { say } from '../words/say.ts';

interface Props {
  readonly name: string;
  readonly onName: (next: string) => void;
}

/** Calls something else what has a name. */
export function NameForm({ name, onName }: Props) {
  const [next, setNext] = useState(name);
  return (
    <form
      class="path"
      onSubmit={(event) => {
        event.preventDefault();
        onName(next);
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
