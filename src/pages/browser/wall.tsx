import { useState } from 'preact/hooks';
import { Icon } from '../ui/icon.tsx';
import { decimal, say } from '../words/say.ts';
import type { SearchResult } from './protocol.ts';

/** A photo in the wall. */
export interface Tile {
  readonly key: number;
  readonly name: string;
  readonly url: string;
}

interface Props {
  readonly tiles: readonly Tile[];
  /** The order of a search; that of arrival without one. */
  readonly hits: SearchResult['hits'] | undefined;
  readonly chosen: readonly number[];
  readonly onToggle: (key: number) => void;
  readonly onLike: (key: number) => void;
}

// Few enough elements to be quick to draw again; nobody looks further without asking for more.
const FIRST = 200;

/** All photos; a click chooses one to learn from. */
export function Wall({ tiles, hits, chosen, onToggle, onLike }: Props) {
  const [shown, setShown] = useState(FIRST);
  const byKey = new Map(tiles.map((tile) => [tile.key, tile]));
  const ordered =
    hits === undefined
      ? tiles.map((tile) => ({ tile, score: undefined }))
      : hits.flatMap(({ key, score }) => {
          const tile = byKey.get(key);
          return tile === undefined ? [] : [{ tile, score }];
        });
  return (
    <section aria-label={say('header.photos')}>
      <ol class="wall">
        {ordered.slice(0, shown).map(({ tile, score }) => (
          <li key={tile.key} class="tile">
            <button
              type="button"
              class="photo"
              aria-pressed={chosen.includes(tile.key)}
              onClick={() => onToggle(tile.key)}
            >
              <img src={tile.url} alt={tile.name} loading="lazy" decoding="async" />
              {chosen.includes(tile.key) && (
                <span class="tick">
                  <Icon name="check" />
                </span>
              )}
            </button>
            {score !== undefined && <span class="score">{decimal(score, 3)}</span>}
            <span class="actions">
              <button
                type="button"
                title={say('view.like')}
                aria-label={say('tile.like', { name: tile.name })}
                onClick={() => onLike(tile.key)}
              >
                <Icon name="like" />
              </button>
            </span>
          </li>
        ))}
      </ol>
      {ordered.length > shown && (
        <button type="button" onClick={() => setShown((now) => now + FIRST)}>
          {say('page.more', { count: ordered.length - shown })}
        </button>
      )}
    </section>
  );
}
