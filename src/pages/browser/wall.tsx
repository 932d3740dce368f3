import { useState } from 'preact/hooks';
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

// So many elements stay quick to draw again; nobody looks further without asking for more.
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
    <section aria-label="Photos">
      <ol class="wall">
        {ordered.slice(0, shown).map(({ tile, score }) => (
          <li key={tile.key}>
            <button
              type="button"
              class="tile"
              aria-pressed={chosen.includes(tile.key)}
              onClick={() => onToggle(tile.key)}
            >
              <img src={tile.url} alt={tile.name} loading="lazy" decoding="async" />
            </button>
            <span class="below">
              <span class="score">{score === undefined ? '' : score.toFixed(3)}</span>
              <button type="button" class="quiet" onClick={() => onLike(tile.key)}>
                More like this<span class="visually-hidden">: {tile.name}</span>
              </button>
            </span>
          </li>
        ))}
      </ol>
      {ordered.length > shown && (
        <button type="button" onClick={() => setShown(shown + FIRST)}>
          Show more ({ordered.length - shown} are left)
        </button>
      )}
    </section>
  );
}
