import { useRef } from 'preact/hooks';
import { findMentions } from '../../polar/query/mentions.ts';
import { say } from '../words/say.ts';
import { Icon } from './icon.tsx';

interface Props {
  readonly value: string;
  /** Names of things that stand out in the sentence, each with the class of its colour. */
  readonly names: readonly { readonly name: string; readonly hue: string }[];
  readonly onType: (text: string) => void;
  readonly onSubmit: () => void;
  readonly onClear: () => void;
}

/** The sentence to search for; names of things stand out as chips. */
export function SentenceField({ value, names, onType, onSubmit, onClear }: Props) {
  const marks = useRef<HTMLDivElement>(null);
  const [first] = names;
  return (
    <search>
      <form
        class="sentence"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <Icon name="search" />
        <div class="field">
          <div class="marks" dir="auto" aria-hidden="true" ref={marks}>
            {split(value, names)}
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
            value={value}
            onInput={(event) => onType(event.currentTarget.value)}
            onScroll={(event) => {
              marks.current!.scrollLeft = event.currentTarget.scrollLeft;
            }}
          />
        </div>
        {value !== '' && (
          <button type="button" class="bare" aria-label={say('search.clear')} onClick={onClear}>
            <Icon name="close" />
          </button>
        )}
      </form>
    </search>
  );
}

/** The same words, those that name a thing marked; only their background is seen, behind the field's own text. */
function split(text: string, names: Props['names']) {
  const whole = text.normalize('NFC');
  const parts = [];
  let end = 0;
  for (const mention of findMentions(
    whole,
    names.map(({ name }) => name),
  )) {
    parts.push(whole.slice(end, mention.start));
    parts.push(
      <mark key={mention.start} class={names[mention.index]!.hue}>
        {whole.slice(mention.start, mention.end)}
      </mark>,
    );
    end = mention.end;
  }
  return [...parts, whole.slice(end)];
}
