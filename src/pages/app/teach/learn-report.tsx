import { useState } from 'preact/hooks';
import { Told } from '../../ui/told.tsx';
import { duration, fill, say } from '../../words/say.ts';
import { go } from '../place.ts';
import { concepts } from '../store.ts';
import { Chip } from './chip.tsx';
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
        {fill('learnt.from', {
          name: <Chip name={name} />,
          count: photos,
          time: duration(seconds, 'second', 1),
        })}
      </p>
      <QualityView name={name} created={created} />
      {hints.map((hint) => (
        <p key={hint.text} class="hint">
          <Told message={hint} />
        </p>
      ))}
      <div class="buttons">
        <button type="button" class="main" onClick={find}>
          {say('learnt.find', { name })}
        </button>
        <button type="button" onClick={() => setReviewing(true)}>
          {say('learnt.review', { name })}
        </button>
      </div>
      {isReviewing && <ReviewDialog name={name} onClose={() => setReviewing(false)} />}
    </div>
  );
}
