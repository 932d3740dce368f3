import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { SentenceField } from '../../ui/sentence-field.tsx';
import { go, place } from '../place.ts';
import { concepts, hueOf } from '../store.ts';

// After the last key: long enough to finish a short word, too short to wait for.
const PAUSE_MS = 180;

/** Text of the field; the URL follows when typing pauses. */
const draft = signal(place.value.sentence);

/** The sentence to search for; names of concepts stand out as chips. */
export function SearchField() {
  const timer = useRef(0);
  const { sentence } = place.value;
  useEffect(() => {
    draft.value = sentence;
  }, [sentence]);

  const submit = (how: 'push' | 'replace') => {
    clearTimeout(timer.current);
    go({ sentence: draft.value.trim() === '' ? '' : draft.value, photo: '', concept: '' }, how);
  };
  const type = (text: string) => {
    draft.value = text;
    clearTimeout(timer.current);
    // "Back" leads to before the typing, not to each letter.
    timer.current = window.setTimeout(
      () => submit(place.value.sentence === '' ? 'push' : 'replace'),
      PAUSE_MS,
    );
  };
  return (
    <SentenceField
      value={draft.value}
      names={concepts.value.map(({ name }) => ({ name, hue: hueOf(name) }))}
      onType={type}
      onSubmit={() => submit('push')}
      onClear={() => {
        draft.value = '';
        submit('push');
      }}
    />
  );
}
