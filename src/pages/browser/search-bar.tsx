import { useEffect, useState } from 'preact/hooks';
import type { ConceptView, SearchResult } from './protocol.ts';

interface Props {
  readonly concepts: readonly ConceptView[];
  readonly result: SearchResult | undefined;
  readonly onSearch: (sentence: string, personal: boolean) => void;
}

/** The sentence, the concepts that are in it, and the switch that turns them off. */
export function SearchBar({ concepts, result, onSearch }: Props) {
  const [sentence, setSentence] = useState('');
  const [personal, setPersonal] = useState(true);
  // What was learnt or forgotten changes the answer.
  const known = concepts.map((concept) => concept.name).join('\n');
  useEffect(() => {
    if (result !== undefined && result.text !== '') onSearch(sentence, personal);
  }, [known]);

  const used = result?.concepts ?? [];
  return (
    <search class="search" aria-label="Search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(sentence, personal);
        }}
      >
        <label class="sentence">
          <span class="visually-hidden">Sentence to search for</span>
          <input
            type="search"
            placeholder={concepts[0] === undefined ? 'a dog in the snow' : `${concepts[0].name} in the snow`}
            value={sentence}
            onInput={(event) => {
              setSentence(event.currentTarget.value);
              if (event.currentTarget.value === '') onSearch('', personal);
            }}
          />
        </label>
        <button type="submit">Search</button>
      </form>
      <div class="reading">
        {used.length > 0 && (
          <label class="switch">
            <input
              type="checkbox"
              role="switch"
              aria-checked={personal}
              checked={personal}
              onChange={(event) => {
                setPersonal(event.currentTarget.checked);
                onSearch(sentence, event.currentTarget.checked);
              }}
            />
            With{' '}
            {used.map((name, index) => (
              <>
                {index > 0 && ' and '}
                <span key={name} class={`chip hue-${hueOf(name, concepts)}`}>
                  {name}
                </span>
              </>
            ))}
          </label>
        )}
        <span class="hint" role="status" data-read={result?.text}>
          {result !== undefined &&
            (result.text === ''
              ? 'Photos like the chosen one'
              : `${result.hits.length} photos in order, in ${Math.max(1, Math.round(result.milliseconds))} ms`)}
        </span>
        {result?.text === '' && (
          <button type="button" onClick={() => onSearch(sentence, personal)}>
            Back
          </button>
        )}
      </div>
    </search>
  );
}

/** Each concept has a colour of its own, as long as there are few. */
export const hueOf = (name: string, concepts: readonly ConceptView[]): number =>
  Math.max(
    0,
    concepts.findIndex((concept) => concept.name === name),
  ) % 6;
