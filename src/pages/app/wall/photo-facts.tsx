import { useEffect, useState } from 'preact/hooks';
import { ask, type PhotoDetail, server, viewUrl } from '../api.ts';
import { attempt } from '../store.ts';
import type { Tile } from './photo-list.ts';

// Told by the camera's own clock, wherever that was.
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

const WORDS = { strong: 'Fits well', fair: 'May fit', weak: 'Probably not' } as const;

/** Facts about a photo: name, size, date, place. */
export function PhotoFacts({ id, tile }: { readonly id: string; readonly tile: Tile | undefined }) {
  const [photo, setPhoto] = useState<PhotoDetail>();
  useEffect(() => {
    const controller = new AbortController();
    ask(server.photos[':id'].$get({ param: { id } }, { init: { signal: controller.signal } })).then(
      setPhoto,
      () => {},
    );
    return () => controller.abort();
  }, [id]);
  if (photo?.id !== id) return <p class="facts">{tile?.name}</p>;
  const facts = [
    photo.taken === null ? undefined : DATE.format(photo.taken),
    `${photo.width} × ${photo.height}`,
    photo.bytes === 0 ? undefined : `${(photo.bytes / 1e6).toFixed(1)} MB`,
    photo.folder,
    tile?.relevance === undefined ? undefined : `${WORDS[tile.relevance]} (${tile.score!.toFixed(3)})`,
  ];
  return (
    <p class="facts">
      <strong>{photo.name}</strong>
      {photo.link === null && <CopyPath path={`${photo.folder}/${photo.name}`} />}
      <a class="save" href={viewUrl(id)} download={photo.name.replace(/\.\w+$/, '.webp')}>
        Save
      </a>
      {facts
        .filter((fact) => fact !== undefined)
        .map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      {photo.link !== null && (
        <a href={photo.link} target="_blank" rel="noreferrer">
          Open there
        </a>
      )}
    </p>
  );
}

function CopyPath({ path }: { readonly path: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <button
      type="button"
      class="bare"
      onClick={() =>
        attempt(async () => {
          await navigator.clipboard.writeText(path);
          setCopied(true);
        })
      }
    >
      {isCopied ? 'Copied' : 'Copy path'}
    </button>
  );
}
