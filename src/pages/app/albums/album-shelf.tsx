import { Icon } from '../../ui/icon.tsx';
import { say } from '../../words/say.ts';
import { goAlbum, goFavourites, place } from '../place.ts';
import { albums, favourites } from './albums.ts';

/** Favourites and saved searches, each with what is new in it; nothing where there are none. */
export function AlbumShelf() {
  if (albums.value.length === 0 && favourites.value.size === 0) return null;
  const { album: open, favourites: areFavouritesOpen } = place.value;
  return (
    <nav class="shelf albums" aria-label={say('albums.region')}>
      <ul>
        {favourites.value.size > 0 && (
          <li>
            <button
              type="button"
              aria-current={areFavouritesOpen ? 'page' : undefined}
              onClick={goFavourites}
            >
              <Icon name="heart" />
              {say('albums.favourites')}
            </button>
          </li>
        )}
        {albums.value.map(({ name, photos, new: fresh }) => (
          <li key={name}>
            <button
              type="button"
              disabled={photos === null}
              title={
                photos === null
                  ? say('albums.place', { name })
                  : name + say('join.comma') + say('photos', { count: photos })
              }
              aria-current={open === name ? 'page' : undefined}
              onClick={() => goAlbum(name)}
            >
              <Icon name="album" />
              <bdi>{name}</bdi>
              {fresh !== null && fresh > 0 && <span class="new">{say('albums.new', { count: fresh })}</span>}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
