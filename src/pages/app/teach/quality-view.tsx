import { useEffect, useState } from 'preact/hooks';
import { ask, type Quality, server } from '../api.ts';
import { attempt, count } from '../store.ts';

const VERDICTS = { 'very good': 'Very good', fair: 'Fair', poor: 'Poor' } as const;

interface Props {
  readonly name: string;
  /** When it was learnt: asked for again when it was learnt again. */
  readonly created: string | undefined;
}

/** How well a thing is found in photos that it was not learnt from: in words, the figures below. */
export function QualityView({ name, created }: Props) {
  const [quality, setQuality] = useState<Quality | null>();
  useEffect(() => {
    setQuality(undefined);
    void attempt(async () => {
      setQuality(await ask(server.concepts[':name'].quality.$get({ param: { name } })));
    });
  }, [name, created]);
  if (quality === undefined) {
    return (
      <p class="faint" role="status">
        Checking with photos held out…
      </p>
    );
  }
  if (quality === null) {
    return <p class="faint">That needs its photos, and a library to look for them in.</p>;
  }
  const { verdict, photos, found, auc, plainAuc, others } = quality;
  return (
    <div class="quality">
      <p>
        <strong class={`verdict ${verdict.replace(' ', '-')}`}>{VERDICTS[verdict]}</strong>: {found} of{' '}
        {count(photos, 'photo')} {found === 1 ? 'is' : 'are'} found when {name} is learnt from the others.
      </p>
      {verdict !== 'very good' && <p class="hint">{advice(quality)}</p>}
      <details>
        <summary>Details</summary>
        <p class="faint">
          Each photo was held out in turn, and compared with {count(others, 'other photo')}: it scores above
          this share of them.
        </p>
        <Bar words="Learnt from the others" share={auc} isMain />
        <Bar words="Without learning" share={plainAuc} />
      </details>
    </div>
  );
}

function advice({ misfit }: Quality): string {
  return misfit === null
    ? 'Next: add photos from other angles and places, crop photos where it is small, or review some photos.'
    : `Next: photo ${misfit + 1} fits the others badly. Take it out, or crop it to the thing.`;
}

function Bar({ words, share, isMain }: { words: string; share: number; isMain?: boolean }) {
  return (
    <p class={isMain ? 'bar main' : 'bar'}>
      <span>{words}</span>
      <span>{(share * 100).toFixed(1)} %</span>
      <span class="track">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </p>
  );
}
