import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { adapterUrl, ask, type ConceptDetail, server, tileUrl } from '../api.ts';
import { go, place } from '../place.ts';
import { attempt, concepts, count, hueOf, loadState } from '../store.ts';
import { DeleteConcept } from './delete-concept.tsx';
import { QualityView } from './quality-view.tsx';
import { RenameForm } from './rename-form.tsx';
import { ReviewDialog } from './review-dialog.tsx';
import { teach, teachAgain } from './teaching.ts';

/** Everything about a thing that was learnt. */
export function ConceptPage() {
  const name = place.value.concept;
  const summary = concepts.value.find((concept) => concept.name === name);
  const [concept, setConcept] = useState<ConceptDetail>();
  const [isReviewing, setReviewing] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const created = summary?.created; // learnt again
  useEffect(() => {
    if (created === undefined) return;
    void attempt(async () => {
      setConcept(await ask(server.concepts[':name'].$get({ param: { name } })));
    });
  }, [name, created]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [name]);

  const back = () => go({ concept: '' });
  if (summary === undefined) {
    return (
      <section class="concept">
        <h1 ref={heading} tabIndex={-1}>
          Nothing is called “{name}” here
        </h1>
        <button type="button" onClick={back}>
          Back to the photos
        </button>
      </section>
    );
  }
  const { className, identifier, photos, usable } = summary;
  const isHere = concept?.name === name;
  const present = isHere ? concept.examples.filter((example) => example !== null) : [];
  return (
    <section class="concept">
      <button type="button" class="bare" onClick={back}>
        <Icon name="back" />
        Photos
      </button>
      <div class="title">
        <h1 ref={heading} tabIndex={-1}>
          <span class={`chip ${hueOf(name)}`}>{name}</span>
        </h1>
        <p class="faint">
          {className === null ? 'A thing' : `A ${className}`}, learnt from {count(photos, 'photo')} on{' '}
          {new Date(summary.created).toLocaleDateString()}
        </p>
      </div>
      {!usable && (
        <p class="hint">
          Learnt with {summary.model}, which is not the model in use.{' '}
          {present.length > 1 && (
            <button
              type="button"
              onClick={() => {
                go({ concept: '' });
                teachAgain(summary, present);
              }}
            >
              Teach it again from its photos
            </button>
          )}
        </p>
      )}
      <div class="buttons">
        <button
          type="button"
          class="main"
          disabled={!usable}
          onClick={() => go({ concept: '', sentence: name, like: [], not: [], plain: false })}
        >
          <Icon name="search" />
          Find {name}
        </button>
        <button
          type="button"
          onClick={() => {
            teach({ ...summary, mode: 'add' });
            go({ concept: '' });
          }}
        >
          <Icon name="add" />
          Add photos, learn again
        </button>
        <button type="button" disabled={!usable} onClick={() => setReviewing(true)}>
          <Icon name="check" />
          Is this {name}? Review
        </button>
        <a class="button" href={adapterUrl(name)} download>
          <Icon name="down" />
          Download the adapter
        </a>
      </div>
      {isReviewing && <ReviewDialog name={name} onClose={() => setReviewing(false)} />}
      <h2>Its photos</h2>
      {isHere && (
        <ul class="examples" aria-label={`Photos of ${name}`}>
          {concept.examples.map((example, i) =>
            example === null ? (
              <li key={i} class="gone">
                not here any more
              </li>
            ) : (
              <li key={example.id}>
                <img src={tileUrl(example.id)} alt={example.name} />
                <span class="number" aria-hidden="true">
                  {i + 1}
                </span>
                <TakeOut name={name} index={i} label={example.name} disabled={!usable || photos <= 2} />
              </li>
            ),
          )}
        </ul>
      )}
      <h2>How well it does</h2>
      <QualityView name={name} created={summary.created} />
      <h2>Name</h2>
      <RenameForm key={name} name={name} />
      <DeleteConcept key={name} name={name} />
      {isHere && (
        <details>
          <summary>Details</summary>
          <dl>
            <dt>In a sentence the model reads</dt>
            <dd>{identifier}</dd>
            <dt>Model</dt>
            <dd>{concept.model}</dd>
            <dt>Training</dt>
            <dd>
              {concept.iterations} steps, λ {concept.regWeight}, seed {concept.seed}
            </dd>
          </dl>
        </details>
      )}
    </section>
  );
}

/** Learns the thing again without one of its photos. */
function TakeOut(props: { name: string; index: number; label: string; disabled: boolean }) {
  const { name, index, label, disabled } = props;
  const [isBusy, setBusy] = useState(false);
  const takeOut = () =>
    attempt(async () => {
      setBusy(true);
      const param = { name, index: String(index) };
      await ask(server.concepts[':name'].photos[':index'].$delete({ param }));
      await loadState();
    }).finally(() => setBusy(false));
  return (
    <button
      type="button"
      disabled={disabled || isBusy}
      aria-label={`Take out ${label} and learn again`}
      onClick={takeOut}
    >
      <Icon name="close" />
    </button>
  );
}
