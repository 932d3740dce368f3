import { useEffect, useRef, useState } from 'preact/hooks';
import { readMessage } from '../../messages.ts';
import { LossCurve } from '../ui/loss-curve.tsx';
import { troubleOf } from '../ui/refusal.ts';
import { Told } from '../ui/told.tsx';
import { type Trouble, TroubleWords } from '../ui/trouble.tsx';
import { duration, fill, say } from '../words/say.ts';
import { Stopped, type WorkerClient } from './client.ts';
import type { ConceptView, LearnReport } from './protocol.ts';
import type { Tile } from './wall.tsx';

interface Props {
  readonly chosen: readonly Tile[];
  /** What the fields say at first. */
  readonly suggestion: { readonly name: string; readonly className: string } | undefined;
  /** The sentence that was searched for last. */
  readonly asked: string;
  readonly worker: WorkerClient;
  /** Class of the colour of a name. */
  readonly hueOf: (name: string) => string;
  readonly onClear: () => void;
  readonly onLearnt: (concept: ConceptView) => void;
}

/** The loss so far. */
interface Curve {
  readonly losses: readonly number[];
  readonly total: number;
  readonly every: number;
}

/** Learns a concept from the photos that are chosen in the wall. */
export function Teach({ chosen, suggestion, asked, worker, hueOf, onClear, onLearnt }: Props) {
  const [name, setName] = useState('');
  const [className, setClassName] = useState('');
  const [curve, setCurve] = useState<Curve>();
  const [stop, setStop] = useState<() => void>();
  const [report, setReport] = useState<LearnReport>();
  const [trouble, setTrouble] = useState<Trouble>();
  const learnt = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (suggestion === undefined) return;
    setName(suggestion.name);
    setClassName(suggestion.className);
  }, [suggestion]);

  // A search's answer should not have to be scrolled to.
  useEffect(() => {
    setReport(undefined);
    setCurve(undefined);
  }, [asked]);

  // The focused button is gone; the keyboard continues from here.
  useEffect(() => learnt.current?.focus({ preventScroll: true }), [report]);
  const isIdle = chosen.length === 0 && stop === undefined;

  const learn = async () => {
    const controller = new AbortController();
    setStop(() => () => controller.abort());
    setReport(undefined);
    setTrouble(undefined);
    const losses: number[] = [];
    try {
      const keys = chosen.map((tile) => tile.key);
      const done = await worker.call('learn', [name.trim(), className.trim() || null, keys], {
        signal: controller.signal,
        onProgress: ({ loss, total, every }) => {
          losses.push(loss);
          setCurve({ losses: [...losses], total, every });
        },
      });
      setCurve({ losses: [...done.losses], total: done.losses.length, every: 1 });
      setReport(done);
      onLearnt(done.concept);
      setName('');
      setClassName('');
    } catch (error) {
      if (!(error instanceof Stopped)) setTrouble(troubleOf(error));
      setCurve(undefined);
    } finally {
      setStop(undefined);
    }
  };

  return (
    <section class="panel" aria-labelledby="teach">
      <h2 id="teach">{say('teach.title')}</h2>
      {chosen.length === 0 ? (
        <p class="faint">{say('page.choose')}</p>
      ) : (
        <ul class="examples" aria-label={say('teach.examples')}>
          {chosen.map((tile) => (
            <li key={tile.key}>
              <img src={tile.url} alt={tile.name} />
            </li>
          ))}
          <li>
            <button type="button" class="bring" onClick={onClear}>
              {say('page.choose-none')}
            </button>
          </li>
        </ul>
      )}
      {!isIdle && (
        <form
          class="learn"
          onSubmit={(event) => {
            event.preventDefault();
            void learn();
          }}
        >
          <label>
            {say('name')}
            <input
              value={name}
              required
              dir="auto"
              maxLength={60}
              placeholder={say('learn.example')}
              autocomplete="off"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <label>
            {say('what-it-is')}
            <input
              value={className}
              dir="auto"
              maxLength={60}
              placeholder={say('learn.class.example')}
              autocomplete="off"
              onInput={(event) => setClassName(event.currentTarget.value)}
            />
          </label>
          {stop === undefined ? (
            <button type="submit" class="main">
              {say('learn.from', { count: chosen.length })}
            </button>
          ) : (
            <button type="button" onClick={stop}>
              {say('stop')}
            </button>
          )}
        </form>
      )}
      {stop !== undefined && <p role="status">{say('teach.learning', { name: name.trim() })}</p>}
      <div class="problem" role="alert">
        <TroubleWords trouble={trouble} />
      </div>
      {curve !== undefined && <LossCurve {...curve} />}
      {report !== undefined && (
        <div class="report" role="status" tabIndex={-1} ref={learnt}>
          <p>
            {fill('learnt.from', {
              name: <bdi class={`chip ${hueOf(report.concept.name)}`}>{report.concept.name}</bdi>,
              count: report.concept.photos,
              time: duration(report.seconds, 'second', 1),
            })}{' '}
            {say('page.write', { name: report.concept.name })}
          </p>
          {report.remarks.map((remark) => (
            <p key={remark} class="hint">
              <Told message={readMessage(remark)} />
            </p>
          ))}
        </div>
      )}
    </section>
  );
}
