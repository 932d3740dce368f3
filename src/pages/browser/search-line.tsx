import { Icon } from '../ui/icon.tsx';
import { Switch } from '../ui/switch.tsx';
import { fill, list, say } from '../words/say.ts';
import { hueOf } from './hue.ts';
import type { ConceptView, SearchResult } from './protocol.ts';

interface Props {
  readonly photos: number;
  readonly concepts: readonly ConceptView[];
  readonly result: SearchResult | undefined;
  readonly isSearching: boolean;
  readonly isPersonal: boolean;
  readonly onPersonal: (isPersonal: boolean) => void;
  readonly onBack: () => void;
}

/** Summary of the wall: the order of the photos, and the switch of the concepts that are in the sentence. */
export function SearchLine({ photos, concepts, result, isSearching, isPersonal, onPersonal, onBack }: Props) {
  const names = (result?.concepts ?? []).map((name) => (
    <bdi key={name} class={`chip ${hueOf(name, concepts)}`}>
      {name}
    </bdi>
  ));
  return (
    <div class="results">
      {names.length > 0 && (
        <Switch isOn={isPersonal} onSwitch={onPersonal}>
          {fill(isPersonal ? 'results.with' : 'results.without', { names: list(names) })}
        </Switch>
      )}
      <p role="status" aria-busy={isSearching} data-read={result?.text}>
        {isSearching ? say('page.searching') : describe(photos, result)}
      </p>
      {result?.text === '' && (
        <button type="button" onClick={onBack}>
          <Icon name="back" />
          {say('back')}
        </button>
      )}
    </div>
  );
}

function describe(photos: number, result: SearchResult | undefined): string {
  if (result === undefined) return say('photos', { count: photos });
  if (result.text === '') return say('page.like-chosen');
  const milliseconds = Math.max(1, Math.round(result.milliseconds));
  return say('page.in-order', { count: result.hits.length, milliseconds });
}
