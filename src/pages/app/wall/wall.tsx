import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { say } from '../../words/say.ts';
import { go, moreLike, notThis, place } from '../place.ts';
import { isExample, isTeaching, toggleExample } from '../teach/teaching.ts';
import { geometryOf, moveBy, photosOf, rowOf } from './geometry.ts';
import { look, move, type Sight } from './motion.ts';
import type { PhotoList } from './photo-list.ts';
import { Tile } from './tile.tsx';
import { useBox } from './use-box.ts';
import { useRows } from './use-rows.ts';

// The server judges at most this number of hits.
const JUDGED = 1000;

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
  const relevant = Math.min(list.result?.relevant ?? total, total);
  const geometry = useMemo(
    () => geometryOf(width, width === 0 ? 0 : total, relevant >= JUDGED ? total : relevant),
    [width, total, relevant],
  );
  const focused = wall.current?.querySelector<HTMLElement>(':scope > [data-index]:focus-within')?.dataset
    .index;
  const kept = focused === undefined ? [] : [rowOf(geometry, Number(focused)), rowOf(geometry, active)];
  const rows = useRows(geometry, top, header + 8, kept);

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
    if (!isSameSubject(question, list.question)) scrollTo({ top: 0 });
    if (before.current !== undefined) move(wall.current!, leaving.current!, before.current);
    before.current = undefined;
  }, [list]);

  const inSight = rows.getVirtualItems();
  const { startIndex = 0, endIndex = -1 } = rows.range ?? {};
  useEffect(() => {
    if (endIndex !== -1)
      list.need(photosOf(geometry, startIndex)[0], photosOf(geometry, endIndex)[1] + geometry.columns);
  }, [list, geometry, startIndex, endIndex]);

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

  const open = (index: number) => {
    const photo = list.at(index)!;
    setActive(index);
    if (isTeaching.value) toggleExample(photo);
    else go({ photo: photo.id, at: index });
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((innerHeight - header) / (geometry.side + 6)));
    const next = moveBy(geometry, index, event.key, page);
    const { id } = list.at(index)!;
    if (next !== undefined) goTo(next);
    else if (event.key === 'l') moreLike(id);
    else if (event.key === 'n') notThis(id);
    else return;
    event.preventDefault();
  };

  const step = geometry.side + 6;
  return (
    <>
      <ul
        class="wall"
        ref={wall}
        aria-label={say('header.photos')}
        style={{ height: `${rows.getTotalSize()}px` }}
      >
        {inSight.flatMap(({ index: row, start }) => {
          const y = start - top;
          const [from, to] = photosOf(geometry, row);
          if (row === geometry.line) {
            return [
              <li key="line" class="line" style={{ transform: `translateY(${y}px)` }}>
                {say(geometry.relevant === 0 ? 'wall.none' : 'wall.line')}
              </li>,
            ];
          }
          return Array.from({ length: to - from }, (_, column) => {
            const index = from + column;
            const photo = list.at(index);
            const place = { left: column * step, top: y, side: geometry.side };
            if (photo === undefined) return <Blank key={`blank-${index}`} {...place} />;
            return (
              <Tile
                key={photo.id}
                photo={photo}
                index={index}
                total={total}
                {...place}
                isActive={index === active}
                isChosen={isTeaching.value ? isExample(photo.id) : undefined}
                onOpen={open}
                onKey={onKey}
              />
            );
          });
        })}
      </ul>
      <div class="wall leaving" ref={leaving} inert />
    </>
  );
}

/** A place whose photo is still on its way. */
function Blank({ left, top, side }: { readonly left: number; readonly top: number; readonly side: number }) {
  const style = { width: `${side}px`, height: `${side}px`, transform: `translate(${left}px, ${top}px)` };
  return <li class="tile blank" aria-hidden="true" style={style} />;
}

function isSameSubject(a: PhotoList['question'], b: PhotoList['question']): boolean {
  return a.sentence === b.sentence && String(a.like) === String(b.like) && String(a.not) === String(b.not);
}
