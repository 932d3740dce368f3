import { useState } from 'preact/hooks';
import { NameForm } from '../../ui/name-form.tsx';
import { say } from '../../words/say.ts';
import { ask, server } from '../api.ts';
import { go, goAlbum, goHome, place } from '../place.ts';
import { attempt, deleted } from '../store.ts';
import { isSearching, shown } from '../wall/showing.ts';
import { albums, loadAlbums } from './albums.ts';

/** Above the wall of an album: what it asks, and what can be done with it. */
export function AlbumLine() {
  const name = place.value.album;
  const [isRenaming, setRenaming] = useState(false);
  const album = albums.value.find((one) => one.name === name);
  const list = shown.value?.question.album === name ? shown.value : undefined;
  const param = { name };
  const search = () => {
    if (album === undefined) return;
    const { sentence, without, after, before, folder } = album;
    const day = (time: number | null) => (time === null ? '' : new Date(time).toISOString().slice(0, 10));
    const to = before === null ? '' : day(before - 1);
    go({ sentence, without, from: day(after), to, folder: folder ?? '' });
  };
  const rename = (next: string) =>
    attempt(async () => {
      const renamed = await ask(server.albums[':name'].$patch({ param, json: { name: next } }));
      await loadAlbums();
      go({ album: renamed.name }, 'replace');
    });
  const remove = () =>
    attempt(async () => {
      await ask(server.albums[':name'].$delete({ param }));
      deleted.value = { name, restore: () => bringBack(name) };
      await loadAlbums();
      goHome();
    });
  return (
    <div class="results album">
      <h2>
        <bdi>{name}</bdi>
      </h2>
      <p role="status" aria-busy={isSearching.value}>
        {list !== undefined && say('photos', { count: list.total })}
        {list !== undefined && list.fresh > 0 && say('join.comma') + say('albums.new', { count: list.fresh })}
      </p>
      {album !== undefined && (
        <>
          <p>
            <bdi>{album.sentence}</bdi>
          </p>
          <div class="buttons">
            <button type="button" onClick={search}>
              {say('album.search')}
            </button>
            <button type="button" aria-expanded={isRenaming} onClick={() => setRenaming(!isRenaming)}>
              {say('rename.do')}
            </button>
            <button type="button" class="danger" onClick={remove}>
              {say('delete.short')}
            </button>
          </div>
          {isRenaming && <NameForm name={name} onName={rename} />}
        </>
      )}
    </div>
  );
}

async function bringBack(name: string): Promise<void> {
  await ask(server.albums[':name'].restored.$post({ param: { name } }));
  await loadAlbums();
  goAlbum(name);
}
