import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isMirrored, keyAlong } from '../../ui/direction.ts';
import { date, say } from '../../words/say.ts';
import { toggleFavourite } from '../albums/albums.ts';
import { go, moreLike, notThis, place } from '../place.ts';
import { attempt } from '../store.ts';
import { isExample, isTeaching, toggleExample } from '../teach/teaching.ts';
import {
  GAP,
  type Group,
  geometryOf,
  groupAt,
  headingAt,
  LINE,
  MONTH,
  moveBy,
  photosOf,
  rowOf,
  rowOfGroup,
} from './geometry.ts';
import { look, move, type Sight } from './motion.ts';
import type { PhotoList } from './photo-list.ts';
import { clearSelection, isSelected, isSelecting, selectTo, toggleSelected } from './selection.ts';
import { Tile } from './tile.tsx';
import { useBox } from './use-box.ts';
import { useRows } from './use-rows.ts';
import { Years, yearsOf } from './years.tsx';

// The server judges at most this number of hits.
const JUDGED = 1000;
// Of the bar with the years, on a phone, CSS pixels.
const YEARS_BAR = 44;

/** All photos of a list, those in sight drawn. */
export function Wall({ list }: { readonly list: PhotoList }) {
  list.loaded.value; // drawn again when photos have come
  const wall = useRef<HTMLUListElement>(null);
  const leaving = useRef<HTMLDivElement>(null);
  const { width, top } = useBox(wall);
  const header = document.querySelector('header')?.offsetHeight ?? 0;
  const [active, setActive] = useState(0);
  const focusWanted = useRef(-1);
  const { total } = list;
  const years = useMemo(() => yearsOf(list.months), [list.months]);
  const hasYears = years.length > 1;
  const covered = header + (hasYears && matchMedia('(max-width: 46rem)').matches ? YEARS_BAR : 0);
  const geometry = useMemo(
    () => geometryOf(width, width === 0 ? [] : groupsOf(list)),
    [width, total, list, list.result?.relevant],
  );
  const focused = wall.current?.querySelector<HTMLElement>(':scope > [data-index]:focus-within')?.dataset
    .index;
  const kept = focused === undefined ? [] : [rowOf(geometry, Number(focused)), rowOf(geometry, active)];
  const rows = useRows(geometry, top, covered + GAP, kept); // beneath what covers it no strip of the row before

  // Visible tiles are measured while they are still there, and animated once the next order is laid out.
  const last = useRef(list);
  const before = useRef<Sight>(undefined);
  if (last.current !== list) {
    const isReordered = last.current.question.sentence === list.question.sentence;
    before.current = isReordered && wall.current !== null ? look(wall.current) : undefined;
  }
  useLayoutEffect(() => {
    if (last.current === list) return;
    const { question } = last.current;
    last.current = list;
    setActive(0);
    focusWanted.current = -1;
    if (!isSameSubject(question, list.question)) {
      scrollTo({ top: 0 });
      clearSelection();
    }
    if (before.current !== undefined) move(wall.current!, leaving.current!, before.current);
    before.current = undefined;
  }, [list]);

  const inSight = rows.getVirtualItems();
  const { startIndex = 0, endIndex = -1 } = rows.range ?? {};
  useEffect(() => {
    if (endIndex !== -1)
      list.need(photosOf(geometry, startIndex)[0], photosOf(geometry, endIndex)[1] + geometry.columns);
  }, [list, geometry, startIndex, endIndex]);

  useEffect(() => clearSelection, []);

  const goTo = (index: number) => {
    setActive(index);
    focusWanted.current = index;
    rows.scrollToIndex(rowOf(geometry, index));
  };
  // The full view may have gone on to other photos: the wall follows when it is closed.
  const { photo: viewed, at } = place.value;
  const wasViewed = useRef(viewed);
  useEffect(() => {
    if (viewed === '' && wasViewed.current !== '' && list.at(at)?.id === wasViewed.current) goTo(at);
    wasViewed.current = viewed;
  }, [viewed]);

  useEffect(() => {
    if (focusWanted.current === -1) return;
    const tile = wall.current?.querySelector<HTMLElement>(`[data-index="${focusWanted.current}"] .photo`);
    if (!tile) return;
    focusWanted.current = -1;
    tile.focus({ preventScroll: true });
  });

  const open = (index: number, how: Pick<MouseEvent, 'shiftKey' | 'ctrlKey' | 'metaKey'>) => {
    const photo = list.at(index)!;
    focusWanted.current = -1;
    setActive(index);
    if (isTeaching.value) toggleExample(photo);
    else if (how.shiftKey) void attempt(() => selectTo(list, index));
    else if (how.ctrlKey || how.metaKey || isSelecting.value) toggleSelected(photo, index);
    else go({ photo: photo.id, at: index });
  };
  const select = (index: number) => {
    setActive(index);
    if (isTeaching.value) toggleExample(list.at(index)!);
    else toggleSelected(list.at(index)!, index);
  };
  const onKey = (event: KeyboardEvent, from: number) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Keys may come faster than the focus follows them.
    const index = focusWanted.current === -1 ? from : focusWanted.current;
    const page = Math.max(1, Math.floor((innerHeight - covered) / (geometry.side + GAP)));
    const next = moveBy(geometry, index, keyAlong(event.key), page);
    const photo = list.at(index);
    if (next !== undefined) {
      goTo(next);
      if (event.shiftKey && !isTeaching.value) {
        if (!isSelecting.value && photo !== undefined) select(index);
        void attempt(() => selectTo(list, next));
      }
    } else if (photo === undefined) return;
    else if (event.key === 'l') moreLike(photo.id);
    else if (event.key === 'n') notThis(photo.id);
    else if (event.key === 'x') select(index);
    else if (event.key === 'f') void toggleFavourite(photo.id);
    else return;
    event.preventDefault();
  };
  const goToGroup = (group: number) => {
    const row = rowOfGroup(geometry, group);
    setActive(photosOf(geometry, row)[0]);
    rows.scrollToIndex(row, { align: 'start' });
  };
  const firstSeen = inSight.find(({ end }) => end > (rows.scrollOffset ?? 0) + covered + 16)?.index ?? 0;

  const step = geometry.side + GAP;
  return (
    <>
      <div class="photos">
        {hasYears && (
          <Years years={years} group={groupAt(geometry, firstSeen)} covered={header} onGo={goToGroup} />
        )}
        <ul
          class="wall"
          ref={wall}
          aria-label={say('header.photos')}
          style={{ height: `${rows.getTotalSize()}px` }}
        >
          {inSight.flatMap(({ index: row, start }) => {
            const y = start - top;
            const [from, to] = photosOf(geometry, row);
            const group = headingAt(geometry, row);
            if (group !== undefined) {
              const at = { transform: `translateY(${y}px)` };
              return [<Heading key={`heading-${group}`} list={list} group={group} style={at} />];
            }
            return Array.from({ length: to - from }, (_, column) => {
              const index = from + column;
              const photo = list.at(index);
              const left = isMirrored() ? width - geometry.side - column * step : column * step;
              const place = { left, top: y, side: geometry.side };
              if (photo === undefined) return <Blank key={`blank-${index}`} {...place} />;
              return (
                <Tile
                  key={photo.id}
                  photo={photo}
                  index={index}
                  total={total}
                  {...place}
                  isActive={index === active}
                  isChosen={chosen(photo.id)}
                  onOpen={open}
                  onSelect={select}
                  onKey={onKey}
                />
              );
            });
          })}
        </ul>
      </div>
      <div class="wall leaving" ref={leaving} inert />
    </>
  );
}

/** Above a month, or what hardly fits. */
function Heading({ list, group, style }: HeadingProps) {
  const month = list.months[group]?.month;
  if (month !== undefined) {
    return (
      <li class="month" style={style}>
        <h2>{date(month, MONTH_NAME)}</h2>
      </li>
    );
  }
  if (list.fresh > 0) {
    return (
      <li class="line" style={style}>
        {say(group === 0 ? 'album.new' : 'album.seen')}
      </li>
    );
  }
  return (
    <li class="line" style={style}>
      {say(list.result?.relevant === 0 ? 'wall.none' : 'wall.line')}
    </li>
  );
}

interface HeadingProps {
  readonly list: PhotoList;
  readonly group: number;
  readonly style: { readonly transform: string };
}

const MONTH_NAME = { month: 'long', year: 'numeric', timeZone: 'UTC' } as const;

/** Months below their headings; of a search what fits, and below a line what hardly does; of an album what is new. */
function groupsOf({ months, result, total, fresh }: PhotoList): Group[] {
  if (fresh > 0) {
    return [
      { photos: fresh, heading: LINE },
      { photos: total - fresh, heading: LINE },
    ];
  }
  if (result !== undefined) {
    const relevant = result.relevant >= JUDGED ? total : Math.min(result.relevant, total);
    return [
      { photos: relevant, heading: 0 },
      { photos: total - relevant, heading: LINE },
    ];
  }
  if (months.length < 2) return [{ photos: total, heading: 0 }];
  return months.map(({ photos }) => ({ photos, heading: MONTH }));
}

/** Whether a photo is chosen to learn from, or selected; undefined while nothing is. */
function chosen(id: string): boolean | undefined {
  if (isTeaching.value) return isExample(id);
  return isSelecting.value ? isSelected(id) : undefined;
}

/** A place whose photo is still on its way. */
function Blank({ left, top, side }: { readonly left: number; readonly top: number; readonly side: number }) {
  const style = { width: `${side}px`, height: `${side}px`, transform: `translate(${left}px, ${top}px)` };
  return <li class="tile blank" aria-hidden="true" style={style} />;
}

function isSameSubject(a: PhotoList['question'], b: PhotoList['question']): boolean {
  const isSameView = a.album === b.album && a.favourites === b.favourites;
  return (
    isSameView &&
    a.sentence === b.sentence &&
    String(a.like) === String(b.like) &&
    String(a.not) === String(b.not)
  );
}
