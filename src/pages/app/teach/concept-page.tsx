import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { date, fill, say } from '../../words/say.ts';
import { adapterUrl, ask, type ConceptDetail, server, tileUrl } from '../api.ts';
import { go, place } from '../place.ts';
import { attempt, concepts, loadState } from '../store.ts';
import { Chip } from './chip.tsx';
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
          {fill('concept.unknown', { name: <bdi>{name}</bdi> })}
        </h1>
        <button type="button" onClick={back}>
          {say('concept.back')}
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
        {say('header.photos')}
      </button>
      <div class="title">
        <h1 ref={heading} tabIndex={-1}>
          <Chip name={name} />
        </h1>
        <p class="faint">
          {className === null
            ? say('concept.learnt', { count: photos, day: date(summary.created) })
            : say('concept.learnt.class', { class: className, count: photos, day: date(summary.created) })}
        </p>
      </div>
      {!usable && (
        <p class="hint">
          {say('concept.other-model', { model: summary.model })}{' '}
          {present.length > 1 && (
            <button
              type="button"
              onClick={() => {
                go({ concept: '' });
                teachAgain(summary, present);
              }}
            >
              {say('concept.teach-again')}
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
          {say('learnt.find', { name })}
        </button>
        <button
          type="button"
          onClick={() => {
            teach({ ...summary, mode: 'add' });
            go({ concept: '' });
          }}
        >
          <Icon name="add" />
          {say('concept.add')}
        </button>
        <button type="button" disabled={!usable} onClick={() => setReviewing(true)}>
          <Icon name="check" />
          {say('learnt.review', { name })}
        </button>
        <a class="button" href={adapterUrl(name)} download>
          <Icon name="down" />
          {say('concept.download')}
        </a>
      </div>
      {isReviewing && <ReviewDialog name={name} onClose={() => setReviewing(false)} />}
      <h2>{say('concept.photos')}</h2>
      {isHere && (
        <ul class="examples" aria-label={say('concept.photos.of', { name })}>
          {concept.examples.map((example, i) =>
            example === null ? (
              <li key={i} class="gone">
                {say('concept.photo-gone')}
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
      <h2>{say('quality.title')}</h2>
      <QualityView name={name} created={summary.created} />
      <h2>{say('name')}</h2>
      <RenameForm key={name} name={name} />
      <DeleteConcept key={name} name={name} />
      {isHere && (
        <details>
          <summary>{say('details')}</summary>
          <dl>
            <dt>{say('concept.read')}</dt>
            <dd lang="en">{identifier}</dd>
            <dt>{say('models.title')}</dt>
            <dd dir="auto">{concept.model}</dd>
            <dt>{say('concept.training')}</dt>
            <dd>
              {say('concept.training.values', {
                count: concept.iterations,
                weight: concept.regWeight,
                seed: String(concept.seed),
              })}
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
      aria-label={say('concept.take-out', { name: label })}
      onClick={takeOut}
    >
      <Icon name="close" />
    </button>
  );
}
