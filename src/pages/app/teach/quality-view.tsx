import type { Quality } from '../api.ts';

/** How well a concept finds its own photos in the library, with and without what was learnt. */
export function QualityView({ quality }: { readonly quality: Quality }) {
  const { photos, others, personal, plain } = quality;
  return (
    <div class="quality">
      <p>
        Among {others.toLocaleString('en')} other photos, <strong>{personal.first}</strong> of its {photos}{' '}
        take the first {photos === 1 ? 'place' : `${photos} places`}; without learning {plain.first}.
      </p>
      <Bar words="Pairs in the right order, learnt" share={personal.auc} isMain />
      <Bar words="without learning" share={plain.auc} />
    </div>
  );
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
