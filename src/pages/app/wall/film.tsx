import { useState } from 'preact/hooks';
import { videoUrl, viewUrl } from '../api.ts';

/** A video, from where it fits best; where the browser cannot play it, its picture of that time. */
export function Film({ id, at, name }: { readonly id: string; readonly at: number; readonly name: string }) {
  const [isPlayable, setPlayable] = useState(true);
  if (!isPlayable) return <img class="full" src={viewUrl(id, at)} alt={name} />;
  return (
    // biome-ignore lint/a11y/useMediaCaption: a person's own videos come without captions
    <video
      class="full"
      src={videoUrl(id, at)}
      poster={viewUrl(id, at)}
      aria-label={name}
      controls
      preload="metadata"
      onError={() => setPlayable(false)}
    />
  );
}
