import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { findMentions } from '../../../polar/query/mentions.ts';
import { Icon } from '../../ui/icon.tsx';
import { say } from '../../words/say.ts';
import { go, place } from '../place.ts';
import { concepts, hueOf } from '../store.ts';

// After the last key: long enough to finish a short word, too short to wait for.
const PAUSE_MS = 180;

/** Text of the field; the URL follows when typing pauses. */
const draft = signal(place.value.sentence);

/** The sentence to search for; names of concepts stand out as chips. */
export function SearchField() {
  const timer = useRef(0);
  const marks = useRef<HTMLDivElement>(null);
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
  const [first] = concepts.value;
  return (
    <search>
      <form
        class="sentence"
        onSubmit={(event) => {
          event.preventDefault();
          submit('push');
        }}
      >
        <Icon name="search" />
        <div class="field">
          <div class="marks" dir="auto" aria-hidden="true" ref={marks}>
            {split(draft.value)}
          </div>
          <input
            type="search"
            aria-label={say('search.label')}
            placeholder={
              first === undefined ? say('search.example') : say('search.example.name', { name: first.name })
            }
            dir="auto"
            autocomplete="off"
            spellcheck={false}
            enterkeyhint="search"
            value={draft.value}
            onInput={(event) => type(event.currentTarget.value)}
            onScroll={(event) => {
              marks.current!.scrollLeft = event.currentTarget.scrollLeft;
            }}
          />
        </div>
        {draft.value !== '' && (
          <button
            type="button"
            class="bare"
            aria-label={say('search.clear')}
            onClick={() => {
              draft.value = '';
              submit('push');
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </form>
    </search>
  );
}

/** The same words, those that name a concept marked; only their background is seen, behind the field's own text. */
function split(text: string) {
  const whole = text.normalize('NFC');
  const names = concepts.value.map(({ name }) => name);
  const parts = [];
  let end = 0;
  for (const mention of findMentions(whole, names)) {
    parts.push(whole.slice(end, mention.start));
    parts.push(
      <mark key={mention.start} class={hueOf(names[mention.index]!)}>
        {whole.slice(mention.start, mention.end)}
      </mark>,
    );
    end = mention.end;
  }
  return [...parts, whole.slice(end)];
}
