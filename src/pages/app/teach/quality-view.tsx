import { useEffect, useState } from 'preact/hooks';
import { fill, number, say } from '../../words/say.ts';
import { ask, type Quality, server } from '../api.ts';
import { attempt } from '../store.ts';

const VERDICTS = {
  'very good': 'quality.very-good',
  fair: 'quality.fair',
  poor: 'quality.poor',
} as const;

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
        {say('quality.checking')}
      </p>
    );
  }
  if (quality === null) {
    return <p class="faint">{say('quality.unknown')}</p>;
  }
  const { verdict, photos, found, auc, plainAuc, others } = quality;
  return (
    <div class="quality">
      <p>
        {fill('quality.verdict', {
          verdict: <strong class={`verdict ${verdict.replace(' ', '-')}`}>{say(VERDICTS[verdict])}</strong>,
          count: found,
          photos: say('photos', { count: photos }),
          name: <bdi>{name}</bdi>,
        })}
      </p>
      {verdict !== 'very good' && <p class="hint">{advice(quality)}</p>}
      <details>
        <summary>{say('details')}</summary>
        <p class="faint">{say('quality.held-out', { count: others })}</p>
        <Bar words={say('quality.learnt')} share={auc} isMain />
        <Bar words={say('quality.plain')} share={plainAuc} />
      </details>
    </div>
  );
}

function advice({ misfit }: Quality): string {
  return misfit === null ? say('quality.next') : say('quality.misfit', { number: misfit + 1 });
}

function Bar({ words, share, isMain }: { words: string; share: number; isMain?: boolean }) {
  return (
    <p class={isMain ? 'bar main' : 'bar'}>
      <span>{words}</span>
      <span>{number(share, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })}</span>
      <span class="track">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </p>
  );
}
