import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { adapterUrl, ask, type ConceptDetail, type Quality, server, tileUrl } from '../api.ts';
import { go, place } from '../place.ts';
import { attempt, concepts, count, hueOf } from '../store.ts';
import { DeleteConcept } from './delete-concept.tsx';
import { QualityView } from './quality-view.tsx';
import { RenameForm } from './rename-form.tsx';
import { teach } from './teaching.ts';

/** Everything about a thing that was learnt. */
export function ConceptPage() {
  const name = place.value.concept;
  const summary = concepts.value.find((concept) => concept.name === name);
  const [concept, setConcept] = useState<ConceptDetail>();
  const [quality, setQuality] = useState<Quality | null>();
  const heading = useRef<HTMLHeadingElement>(null);
  const created = summary?.created; // learnt again
  useEffect(() => {
    setQuality(undefined);
    if (created === undefined) return;
    void attempt(async () => {
      setConcept(await ask(server.concepts[':name'].$get({ param: { name } })));
      setQuality(await ask(server.concepts[':name'].quality.$get({ param: { name } })));
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
        <p class="hint">Learnt with {summary.model}, which is not the model in use: teach it again.</p>
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
            teach(summary);
            go({ concept: '' });
          }}
        >
          <Icon name="add" />
          Add photos, learn again
        </button>
        <a class="button" href={adapterUrl(name)} download>
          <Icon name="down" />
          Download the adapter
        </a>
        <DeleteConcept key={name} name={name} />
      </div>
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
              </li>
            ),
          )}
        </ul>
      )}
      <h2>How well it does</h2>
      {quality === undefined && <p class="faint">…</p>}
      {quality === null && <p class="faint">That needs its photos and a library to look for them in.</p>}
      {quality && <QualityView quality={quality} />}
      <h2>Name</h2>
      <RenameForm key={name} name={name} />
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
