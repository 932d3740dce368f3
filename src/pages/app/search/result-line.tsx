import { findMentions } from '../../../polar/query/mentions.ts';
import { Icon } from '../../ui/icon.tsx';
import { Switch } from '../../ui/switch.tsx';
import { Told } from '../../ui/told.tsx';
import { fill, list, say } from '../../words/say.ts';
import { SaveAlbum } from '../albums/save-album.tsx';
import { tileUrl } from '../api.ts';
import { LeftOut } from '../library/left-out.tsx';
import { forget, go, place } from '../place.ts';
import { concepts } from '../store.ts';
import { Chip } from '../teach/chip.tsx';
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
        <Switch isOn={!plain} onSwitch={(isOn) => go({ plain: !isOn }, 'replace')}>
          {fill(plain ? 'results.without' : 'results.with', {
            names: list([...mentioned].map((name) => <Chip key={name} name={name} />)),
          })}
        </Switch>
      )}
      {like.map((id) => (
        <Like key={id} id={id} />
      ))}
      {not.map((id) => (
        <Like key={id} id={id} isNot />
      ))}
      <p role="status" aria-busy={isSearching.value} data-read={shown.value?.result?.text}>
        {describe()}
        {shown.value?.result?.notes.map((note) => (
          <span key={note.text}>
            {say('join.semicolon')}
            <Told message={note} />
          </span>
        ))}
      </p>
      {shown.value?.result !== undefined && <Legend />}
      <FilterBar />
      <SaveAlbum />
      <LeftOut />
    </div>
  );
}

/** A photo that the results are, or are not, to look like. */
function Like({ id, isNot = false }: { readonly id: string; readonly isNot?: boolean }) {
  const photo = <img src={tileUrl(id)} alt={say('results.this-photo')} />;
  return (
    <span class="like">
      {fill(isNot ? 'results.not-like' : 'results.like', { photo })}
      <button
        type="button"
        class="bare"
        aria-label={say(isNot ? 'results.not-like.forget' : 'results.like.forget')}
        onClick={() => forget(id)}
      >
        <Icon name="close" />
      </button>
    </span>
  );
}

function describe(): string {
  const photoList = shown.value;
  if (photoList === undefined) return '';
  const photos = say('photos', { count: photoList.total });
  if (!isSearch(photoList.question) || photoList.result === undefined) {
    return photoList.question.not.length === 0 ? photos : say('results.not-like.alone', { photos });
  }
  const { relevant, milliseconds } = photoList.result;
  const fit =
    relevant === 0 ? say('results.none', { photos }) : say('results.fit', { count: relevant, photos });
  return say('results.time', { fit, milliseconds: Math.max(1, Math.round(milliseconds)) });
}

/** What the marks on the photos mean. */
function Legend() {
  return (
    <p class="legend">
      <span class="score strong" /> {say('relevance.strong')}
      <span class="score" /> {say('relevance.fair')}
      <span class="score weak" /> {say('relevance.weak')}
    </p>
  );
}
