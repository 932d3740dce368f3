import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { say } from '../../words/say.ts';
import { ask, type Photo, server, viewUrl } from '../api.ts';
import { attempt, loadState } from '../store.ts';

interface Props {
  readonly name: string;
  readonly onClose: () => void;
}

/** "Is this Rex?" for the photos whose answer helps most; then it is learnt again. */
export function ReviewDialog({ name, onClose }: Props) {
  const [photos, setPhotos] = useState<readonly Photo[]>();
  const [answers, setAnswers] = useState<readonly ('yes' | 'no' | 'skip')[]>([]);
  const [isLearning, setLearning] = useState(false);
  useEffect(() => {
    void attempt(async () => {
      setPhotos(await ask(server.concepts[':name'].review.$get({ param: { name } })));
    });
  }, [name]);
  const photo = photos?.[answers.length];
  const chosen = (wanted: 'yes' | 'no') =>
    (photos ?? []).filter((_, index) => answers[index] === wanted).map(({ id }) => id);
  const given = answers.filter((answer) => answer !== 'skip').length;
  // From the state of that moment: two keys may come before the first answer is drawn.
  const answer = (word: 'yes' | 'no' | 'skip') =>
    setAnswers((now) => (now.length < (photos?.length ?? 0) ? [...now, word] : now));
  const learn = () =>
    attempt(async () => {
      setLearning(true);
      const json = { yes: chosen('yes'), no: chosen('no') };
      await ask(server.concepts[':name'].review.$post({ param: { name }, json }));
      await loadState();
      onClose();
    }).finally(() => setLearning(false));
  const keys: Readonly<Record<string, () => void>> = {
    y: () => answer('yes'),
    n: () => answer('no'),
    s: () => answer('skip'),
    Backspace: () => setAnswers((now) => now.slice(0, -1)),
  };
  // A layout effect: a key that is pressed as soon as the photo is seen counts.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = keys[event.key.toLowerCase()] ?? keys[event.key];
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  return (
    <Dialog title={say('review.title', { name })} onClose={onClose}>
      {photos === undefined && <p class="faint">{say('review.looking')}</p>}
      {photos?.length === 0 && <p>{say('review.nothing')}</p>}
      {photo !== undefined && (
        <>
          <img class="asked" key={photo.id} src={viewUrl(photo.id)} alt={photo.name} />
          <p class="faint" role="status">
            {say('review.progress', { done: answers.length + 1, total: photos!.length, name: photo.name })}
          </p>
          <div class="buttons answers">
            <button type="button" class="main" aria-keyshortcuts="y" onClick={() => answer('yes')}>
              {say('review.yes')} <kbd>Y</kbd>
            </button>
            <button type="button" class="main" aria-keyshortcuts="n" onClick={() => answer('no')}>
              {say('review.no')} <kbd>N</kbd>
            </button>
            <button type="button" aria-keyshortcuts="s" onClick={() => answer('skip')}>
              {say('review.skip')} <kbd>S</kbd>
            </button>
          </div>
        </>
      )}
      {photos !== undefined && photos.length > 0 && photo === undefined && (
        <p role="status">
          {say('review.sum', { count: chosen('yes').length, name, others: chosen('no').length })}
        </p>
      )}
      <div class="buttons">
        <button type="button" disabled={answers.length === 0} onClick={keys.Backspace}>
          <Icon name="back" />
          {say('back')}
        </button>
        <button type="button" class="main" disabled={given === 0 || isLearning} onClick={learn}>
          {isLearning ? say('review.learning') : say('review.learn', { count: given })}
        </button>
      </div>
    </Dialog>
  );
}
