import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { LossCurve } from '../../ui/loss-curve.tsx';
import { say } from '../../words/say.ts';
import { state } from '../store.ts';
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
  useLayoutEffect(() => {
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
          {say('teach.title')}
        </h2>
        <button type="button" class="bare" aria-label={say('close')} onClick={endTeaching}>
          <Icon name="close" />
        </button>
      </div>
      <p class="visually-hidden" role="status">
        {describe()}
      </p>
      {examples.value.length === 0 && <p class="faint">{say('teach.choose')}</p>}
      <ExampleStrip />
      {examples.value.length === 0 && things.length > 0 && (
        <p class="things">
          {say('teach.try')}{' '}
          {things.map((thing) => (
            <button key={thing.name} type="button" onClick={() => teachThing(thing)}>
              {say('teach.thing', { name: thing.name, class: thing.className })}
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
  if (lesson.value === undefined) return say('photos', { count: examples.value.length });
  const { name, learnt } = lesson.value;
  return say(learnt === undefined ? 'teach.learning' : 'teach.learnt', { name });
}
