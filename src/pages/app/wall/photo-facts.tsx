import { useEffect, useState } from 'preact/hooks';
import { Path } from '../../ui/path.tsx';
import { date, decimal, number, say, size } from '../../words/say.ts';
import { ask, type PhotoDetail, server, viewUrl } from '../api.ts';
import { attempt, state } from '../store.ts';
import type { Tile } from './photo-list.ts';

// Told by the camera's own clock, wherever that was.
const MOMENT = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' } as const;

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
  if (photo?.id !== id)
    return (
      <p class="facts">
        <bdi>{tile?.name}</bdi>
      </p>
    );
  const facts = [
    photo.taken === null ? undefined : date(photo.taken, MOMENT),
    `${number(photo.width)} × ${number(photo.height)}`,
    photo.bytes === 0 ? undefined : size(photo.bytes),
    <Path key="folder" path={photo.folder} />,
    tile?.relevance === undefined
      ? undefined
      : say('view.fits', {
          relevance: say(`relevance.${tile.relevance}`),
          score: decimal(tile.score!, 3),
        }),
  ];
  return (
    <p class="facts">
      <strong dir="auto">{photo.name}</strong>
      {photo.link === null && isSecureContext && <CopyPath path={`${photo.folder}/${photo.name}`} />}
      {photo.link === null && state.value?.canShowFolders && (
        <button
          type="button"
          class="bare"
          onClick={() => attempt(() => ask(server.selection.show.$post({ json: { photos: [id] } })))}
        >
          {say('view.show-folder')}
        </button>
      )}
      <a class="save" href={viewUrl(id)} download={photo.name.replace(/\.\w+$/, '.webp')}>
        {say('view.save')}
      </a>
      {facts
        .filter((fact) => fact !== undefined)
        .map((fact, index) => (
          <span key={index}>{fact}</span>
        ))}
      {photo.link !== null && (
        <a href={photo.link} target="_blank" rel="noreferrer">
          {say('view.open-there')}
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
      {say(isCopied ? 'view.copied' : 'view.copy-path')}
    </button>
  );
}
