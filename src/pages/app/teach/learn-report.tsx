import { go } from '../place.ts';
import { count, hueOf } from '../store.ts';
import { QualityView } from './quality-view.tsx';
import { endTeaching, type Lesson } from './teaching.ts';

/** Result of learning. */
export function LearnReport({ learnt }: { readonly learnt: NonNullable<Lesson['learnt']> }) {
  const { name, photos, seconds, hints, quality } = learnt;
  const find = () => {
    endTeaching();
    go({ sentence: name, like: [], not: [], plain: false, concept: '' });
  };
  return (
    <div class="report">
      <p>
        <span class={`chip ${hueOf(name)}`}>{name}</span> learnt from {count(photos, 'photo')} in{' '}
        {seconds.toFixed(1)} s.
      </p>
      {quality !== null && <QualityView quality={quality} />}
      {hints.map((hint) => (
        <p key={hint} class="hint">
          {hint}
        </p>
      ))}
      <button type="button" class="main" onClick={find}>
        Find {name}
      </button>
    </div>
  );
}
