import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { LossCurve } from '../../ui/loss-curve.tsx';
import { count, state } from '../store.ts';
import { ExampleStrip } from './example-strip.tsx';
import { LearnForm } from './learn-form.tsx';
import { LearnReport } from './learn-report.tsx';
import { endTeaching, examples, isTeaching, lesson, name, pauseTeaching, teachThing } from './teaching.ts';

/** Teaches a thing from photos that are chosen in the wall, dropped on the page or brought in from files. */
export function TeachPanel() {
  return isTeaching.value ? <OpenPanel /> : null;
}

function OpenPanel() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current!.focus({ preventScroll: true }), []);
  useEffect(() => {
    // "Back" closes the panel, and leads nowhere else.
    history.pushState({ ...history.state, teaching: true }, '', location.href);
    const onBack = () => pauseTeaching();
    addEventListener('popstate', onBack);
    return () => {
      removeEventListener('popstate', onBack);
      if (history.state?.teaching) history.back();
    };
  }, []);
  const { losses, total, learnt } = lesson.value ?? { losses: [], total: 1 };
  const things = state.value?.things.filter((thing) => thing.name !== name.value) ?? [];
  return (
    <aside
      class="teach"
      aria-labelledby="teach"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) pauseTeaching();
      }}
    >
      <div class="head">
        <h2 id="teach" ref={heading} tabIndex={-1}>
          Teach it a thing of yours
        </h2>
        <button type="button" class="bare" aria-label="Close" onClick={endTeaching}>
          <Icon name="close" />
        </button>
      </div>
      <p class="visually-hidden" role="status">
        {describe()}
      </p>
      {examples.value.length === 0 && (
        <p class="faint">About five photos of one thing: click them in the wall, or drop them here.</p>
      )}
      <ExampleStrip />
      {examples.value.length === 0 && things.length > 0 && (
        <p class="things">
          For a try:{' '}
          {things.map((thing) => (
            <button key={thing.name} type="button" onClick={() => teachThing(thing)}>
              {thing.name}, a {thing.className}
            </button>
          ))}
        </p>
      )}
      {learnt === undefined && <LearnForm />}
      {lesson.value !== undefined && <LossCurve losses={losses} total={total} />}
      {learnt !== undefined && <LearnReport learnt={learnt} />}
    </aside>
  );
}

/** Progress for a screen reader. */
function describe(): string {
  if (lesson.value === undefined) return count(examples.value.length, 'photo');
  const { name, learnt } = lesson.value;
  return learnt === undefined ? `Learning ${name}` : `${name} is learnt`;
}
