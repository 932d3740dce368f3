import { findMentions } from '../../../polar/query/mentions.ts';
import { Icon } from '../../ui/icon.tsx';
import { tileUrl } from '../api.ts';
import { LeftOut } from '../library/left-out.tsx';
import { forget, go, place } from '../place.ts';
import { concepts, count, hueOf } from '../store.ts';
import { isSearch } from '../wall/photo-list.ts';
import { isSearching, shown } from '../wall/showing.ts';
import { FilterBar } from './filter-bar.tsx';

/** Summary of the wall: number of hits, the switch of the concepts, photos taken as examples. */
export function ResultLine() {
  const { sentence, like, not, plain } = place.value;
  const names = concepts.value.filter(({ usable }) => usable).map(({ name }) => name);
  const mentioned = new Set(findMentions(sentence.normalize('NFC'), names).map(({ index }) => names[index]!));
  return (
    <div class="results">
      {mentioned.size > 0 && (
        <label class="switch">
          <input
            type="checkbox"
            role="switch"
            checked={!plain}
            aria-checked={!plain}
            onChange={(event) => go({ plain: !event.currentTarget.checked }, 'replace')}
          />
          <span class="knob" aria-hidden="true" />
          <span>
            {plain ? 'Without' : 'With'}{' '}
            {[...mentioned].map((name, index) => (
              <span key={name}>
                {index > 0 && ' and '}
                <span class={`chip ${hueOf(name)}`}>{name}</span>
              </span>
            ))}
          </span>
        </label>
      )}
      {like.map((id) => (
        <Like key={id} id={id} words="Like" />
      ))}
      {not.map((id) => (
        <Like key={id} id={id} words="Not like" />
      ))}
      <p role="status" aria-busy={isSearching.value} data-read={shown.value?.result?.text}>
        {describe()}
      </p>
      {shown.value?.result !== undefined && <Legend />}
      <FilterBar />
      <LeftOut />
    </div>
  );
}

/** A photo that the results are, or are not, to look like. */
function Like({ id, words }: { readonly id: string; readonly words: string }) {
  return (
    <span class="like">
      {words} <img src={tileUrl(id)} alt="this one" />
      <button
        type="button"
        class="bare"
        aria-label={`${words} this photo: forget`}
        onClick={() => forget(id)}
      >
        <Icon name="close" />
      </button>
    </span>
  );
}

function describe(): string {
  const list = shown.value;
  if (list === undefined) return '';
  const photos = count(list.total, 'photo');
  if (!isSearch(list.question) || list.result === undefined) {
    return list.question.not.length === 0
      ? photos
      : `${photos}; “not like” counts once you search for something`;
  }
  const { relevant, milliseconds, notes } = list.result;
  const fit =
    relevant === 0
      ? `None of ${photos} fits well`
      : `${relevant} of ${photos} ${relevant === 1 ? 'fits' : 'fit'}`;
  const said = notes.map((note) => `; ${note}`).join('');
  return `${fit}, in ${Math.max(1, Math.round(milliseconds))} ms${said}`;
}

/** What the marks on the photos mean. */
function Legend() {
  return (
    <p class="legend">
      <span class="score strong" /> fits well
      <span class="score" /> may fit
      <span class="score weak" /> probably not
    </p>
  );
}
