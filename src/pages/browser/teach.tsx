import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../../words.ts';
import { Stopped, type WorkerClient } from './client.ts';
import { LossCurve } from './loss-curve.tsx';
import type { ConceptView, LearnReport } from './protocol.ts';
import type { Tile } from './wall.tsx';

interface Props {
  readonly chosen: readonly Tile[];
  /** What the fields say at first. */
  readonly suggestion: { readonly name: string; readonly className: string } | undefined;
  /** The sentence that was searched for last. */
  readonly asked: string;
  readonly worker: WorkerClient;
  readonly onClear: () => void;
  readonly onLearnt: (concept: ConceptView) => void;
}

/** Learns a concept from the photos that are chosen in the wall. */
export function Teach({ chosen, suggestion, asked, worker, onClear, onLearnt }: Props) {
  const [name, setName] = useState('');
  const [className, setClassName] = useState('');
  const [losses, setLosses] = useState<readonly number[]>([]);
  const [stop, setStop] = useState<() => void>();
  const [report, setReport] = useState<LearnReport>();
  const [problem, setProblem] = useState('');
  const learnt = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (suggestion === undefined) return;
    setName(suggestion.name);
    setClassName(suggestion.className);
  }, [suggestion]);

  // A search's answer should not have to be scrolled to.
  useEffect(() => {
    setReport(undefined);
    setLosses([]);
  }, [asked]);

  // The focused button is gone; the keyboard continues from here.
  useEffect(() => learnt.current?.focus({ preventScroll: true }), [report]);
  const isIdle = chosen.length === 0 && stop === undefined;

  const learn = async () => {
    const controller = new AbortController();
    setStop(() => () => controller.abort());
    setReport(undefined);
    setProblem('');
    const seen: number[] = [];
    try {
      const keys = chosen.map((tile) => tile.key);
      const done = await worker.call('learn', [name.trim(), className.trim() || null, keys], {
        signal: controller.signal,
        onProgress: ({ loss }) => {
          seen.push(loss);
          setLosses([...seen]);
        },
      });
      setLosses([...done.losses]);
      setReport(done);
      onLearnt(done.concept);
      setName('');
      setClassName('');
    } catch (error) {
      if (!(error instanceof Stopped)) setProblem(error instanceof Error ? error.message : String(error));
      setLosses([]);
    } finally {
      setStop(undefined);
    }
  };

  return (
    <section class="panel teach" aria-label="Teach">
      <h2>Teach it a thing</h2>
      {chosen.length === 0 ? (
        <p class="hint">Choose about five photos of one thing in the wall below.</p>
      ) : (
        <div class="examples">
          {chosen.map((tile) => (
            <img key={tile.key} src={tile.url} alt={tile.name} />
          ))}
          <button type="button" onClick={onClear}>
            Choose none
          </button>
        </div>
      )}
      {!isIdle && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void learn();
          }}
        >
          <label>
            Name{' '}
            <input
              value={name}
              required
              maxLength={60}
              placeholder="Rex"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <label>
            What it is{' '}
            <input
              value={className}
              maxLength={60}
              placeholder="dog"
              onInput={(event) => setClassName(event.currentTarget.value)}
            />
          </label>
          {stop === undefined ? (
            <button type="submit" class="main">
              Learn from {count(chosen.length, 'photo')}
            </button>
          ) : (
            <button type="button" onClick={stop}>
              Stop
            </button>
          )}
        </form>
      )}
      <p class="problem" role="alert">
        {problem}
      </p>
      {losses.length > 1 && <LossCurve losses={losses} />}
      {report !== undefined && (
        <div class="learnt" role="status" tabIndex={-1} ref={learnt}>
          <p>
            {report.concept.name} learnt from {report.concept.photos} photos in {report.seconds.toFixed(1)} s.
            Write “{report.concept.name}” in a sentence above.
          </p>
          {report.remarks.map((remark) => (
            <p key={remark} class="remark">
              {remark}
            </p>
          ))}
        </div>
      )}
    </section>
  );
}
