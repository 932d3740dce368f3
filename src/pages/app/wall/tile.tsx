import { useEffect, useRef } from 'preact/hooks';
import { minutesOf } from '../../../words.ts';
import { Icon } from '../../ui/icon.tsx';
import { decimal, say } from '../../words/say.ts';
import { favourites, toggleFavourite } from '../albums/albums.ts';
import { tileUrl } from '../api.ts';
import { moreLike, notThis } from '../place.ts';
import type { Tile as Photo } from './photo-list.ts';
import { useLongPress } from './use-long-press.ts';

interface Props {
  readonly photo: Photo;
  readonly index: number;
  readonly total: number;
  readonly left: number;
  readonly top: number;
  readonly side: number;
  /** Whether the Tab key reaches it: one of the wall, the arrows do the rest. */
  readonly isActive: boolean;
  /** Whether it is chosen to learn from, or selected; undefined while nothing is being chosen. */
  readonly isChosen: boolean | undefined;
  readonly onOpen: (index: number, how: MouseEvent) => void;
  readonly onSelect: (index: number) => void;
  readonly onKey: (event: KeyboardEvent, index: number) => void;
}

/** A photo of the wall. */
export function Tile(props: Props) {
  const { photo, index, total, left, top, side, isActive, isChosen, onOpen, onSelect, onKey } = props;
  const { id, name, at, score, relevance, copies = 1 } = photo;
  const copied = copies > 1 ? say('tile.copies', { count: copies }) : '';
  const words =
    relevance === undefined
      ? name
      : say('tile.score', { name, relevance: say(`relevance.${relevance}`), score: decimal(score!, 3) });
  const time = at === null ? '' : minutesOf(at);
  const aria = [words, time && say('tile.video', { time }), copied].filter(Boolean).join(say('join.comma'));
  const picture = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const { current } = picture;
    return () => current?.removeAttribute('src'); // scrolled past: its picture is not waited for
  }, []);
  const press = useLongPress(() => onSelect(index));
  const tabIndex = isActive ? 0 : -1;
  return (
    <li
      class="tile"
      data-id={id}
      data-index={index}
      aria-setsize={total}
      aria-posinset={index + 1}
      style={{ width: `${side}px`, height: `${side}px`, transform: `translate(${left}px, ${top}px)` }}
    >
      <button
        type="button"
        class="photo"
        tabIndex={tabIndex}
        aria-label={aria}
        aria-pressed={isChosen}
        {...press}
        onClick={(event) => {
          if (!press.hasFired()) onOpen(index, event);
        }}
        onKeyDown={(event) => onKey(event, index)}
      >
        <img
          ref={picture}
          class={relevance}
          src={tileUrl(id, at)}
          alt=""
          decoding="async"
          draggable={false}
        />
        {isChosen && (
          <span class="tick">
            <Icon name="check" />
          </span>
        )}
      </button>
      {time + copied !== '' && (
        <span class="copies" aria-hidden="true">
          {[time && `▶ ${time}`, copied].filter(Boolean).join(' · ')}
        </span>
      )}
      {score !== undefined && (
        <span class={`score ${relevance}`} aria-hidden="true">
          {decimal(score, 2)}
        </span>
      )}
      {isChosen === undefined && (
        <button
          type="button"
          class="heart"
          tabIndex={tabIndex}
          title={`${say('favourite')} (f)`}
          aria-label={say('tile.favourite', { name })}
          aria-pressed={favourites.value.has(id)}
          onClick={() => toggleFavourite(id)}
        >
          <Icon name="heart" />
        </button>
      )}
      {isChosen === undefined && (
        <span class="actions">
          <button
            type="button"
            tabIndex={tabIndex}
            title={`${say('select')} (x)`}
            aria-label={say('tile.select', { name })}
            onClick={() => onSelect(index)}
          >
            <Icon name="check" />
          </button>
          <button
            type="button"
            tabIndex={tabIndex}
            title={`${say('view.like')} (l)`}
            aria-label={say('tile.like', { name })}
            onClick={() => moreLike(id)}
          >
            <Icon name="like" />
          </button>
          <button
            type="button"
            tabIndex={tabIndex}
            title={`${say('view.not-like')} (n)`}
            aria-label={say('tile.not-like', { name })}
            onClick={() => notThis(id)}
          >
            <Icon name="not" />
          </button>
        </span>
      )}
    </li>
  );
}
