import { useState } from 'preact/hooks';
import { go } from '../place.ts';
import { concepts, count, hueOf } from '../store.ts';
import { QualityView } from './quality-view.tsx';
import { ReviewDialog } from './review-dialog.tsx';
import { endTeaching, type Lesson } from './teaching.ts';

/** Result of learning. */
export function LearnReport({ learnt }: { readonly learnt: NonNullable<Lesson['learnt']> }) {
  const { name, photos, seconds, hints } = learnt;
  const [isReviewing, setReviewing] = useState(false);
  const created = concepts.value.find((concept) => concept.name === name)?.created;
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
      <QualityView name={name} created={created} />
      {hints.map((hint) => (
        <p key={hint} class="hint">
          {hint}
        </p>
      ))}
      <div class="buttons">
        <button type="button" class="main" onClick={find}>
          Find {name}
        </button>
        <button type="button" onClick={() => setReviewing(true)}>
          Is this {name}? Review
        </button>
      </div>
      {isReviewing && <ReviewDialog name={name} onClose={() => setReviewing(false)} />}
    </div>
  );
}
