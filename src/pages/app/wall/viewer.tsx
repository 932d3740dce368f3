import { useEffect } from 'preact/hooks';
import { keyAlong } from '../../ui/direction.ts';
import { Icon } from '../../ui/icon.tsx';
import { useModal } from '../../ui/use-modal.ts';
import { isolate, say } from '../../words/say.ts';
import { favourites, toggleFavourite } from '../albums/albums.ts';
import { viewUrl } from '../api.ts';
import { go, moreLike, notThis, place } from '../place.ts';
import { isExample, isTeaching, teach, toggleExample } from '../teach/teaching.ts';
import { Film } from './film.tsx';
import { PhotoFacts } from './photo-facts.tsx';
import { shown } from './showing.ts';
import { useSwipe } from './use-swipe.ts';

/** A photo that fills the screen. */
export function Viewer() {
  return place.value.photo === '' ? null : <OpenViewer />;
}

function OpenViewer() {
  const dialog = useModal();
  const { photo: id, at } = place.value;
  const list = shown.value;
  list?.loaded.value; // drawn again when neighbours have come
  const index = list?.placeOf(id) ?? at;
  const tile = list?.at(index)?.id === id ? list.at(index) : undefined;
  const name = tile?.name ?? say('view.photo');

  useEffect(() => list?.need(Math.max(0, index - 1), index + 2), [list, index]);
  useEffect(() => {
    for (const near of [index + 1, index - 1]) {
      const next = list?.at(near);
      if (next !== undefined) new Image().src = viewUrl(next.id, next.at);
    }
  }, [list, index, list?.loaded.value]);

  const close = () => go({ photo: '' }, 'replace');
  const show = (next: number) => {
    const photo = list?.at(next);
    if (photo !== undefined) go({ photo: photo.id, at: next }, 'replace');
  };
  const teachWith = () => {
    if (!isTeaching.value) teach({ name: '', className: null });
    if (!isExample(id)) toggleExample({ id, name });
    close();
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => show(index - 1),
    ArrowRight: () => show(index + 1),
    Home: () => show(0),
    l: () => moreLike(id),
    n: () => notThis(id),
    t: teachWith,
    f: () => void toggleFavourite(id),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = keys[keyAlong(event.key)];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  const swipe = useSwipe((steps) => show(index + steps));
  const position = list === undefined ? '' : say('view.position', { index: index + 1, total: list.total });
  return (
    <dialog ref={dialog} class="viewer" aria-label={say('view.title')} onClose={close} onKeyDown={onKeyDown}>
      {tile != null && tile.at !== null ? (
        <Film key={id} id={id} at={tile.at} name={name} />
      ) : (
        <img class="full" key={id} src={viewUrl(id)} alt={name} {...swipe} />
      )}
      <p class="visually-hidden" role="status">
        {isolate(name) + say('join.comma') + position}
      </p>
      <button
        type="button"
        class="round close"
        aria-label={say('close')}
        onClick={() => dialog.current!.close()}
      >
        <Icon name="close" />
      </button>
      <button
        type="button"
        class="round heart"
        title={`${say('favourite')} (f)`}
        aria-label={say('favourite')}
        aria-keyshortcuts="f"
        aria-pressed={favourites.value.has(id)}
        onClick={() => toggleFavourite(id)}
      >
        <Icon name="heart" />
      </button>
      <button
        type="button"
        class="round before"
        aria-label={say('view.before')}
        disabled={list?.at(index - 1) === undefined}
        onClick={() => show(index - 1)}
      >
        <Icon name="back" />
      </button>
      <button
        type="button"
        class="round after"
        aria-label={say('view.after')}
        disabled={list?.at(index + 1) === undefined}
        onClick={() => show(index + 1)}
      >
        <Icon name="forth" />
      </button>
      <div class="below">
        <PhotoFacts id={id} tile={tile} />
        <div class="buttons">
          <button type="button" aria-keyshortcuts="l" onClick={() => moreLike(id)}>
            <Icon name="like" />
            {say('view.like')} <kbd>L</kbd>
          </button>
          <button type="button" aria-keyshortcuts="n" onClick={() => notThis(id)}>
            <Icon name="not" />
            {say('view.not-like')} <kbd>N</kbd>
          </button>
          <button type="button" aria-keyshortcuts="t" onClick={teachWith}>
            <Icon name="teach" />
            {say('view.teach')} <kbd>T</kbd>
          </button>
        </div>
      </div>
    </dialog>
  );
}
