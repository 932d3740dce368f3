import type { WorkerClient } from './client.ts';
import type { ConceptView } from './protocol.ts';
import { hueOf } from './search-bar.tsx';

interface Props {
  readonly concepts: readonly ConceptView[];
  readonly worker: WorkerClient;
  readonly attempt: (work: () => Promise<void>) => void;
  readonly onImported: (concept: ConceptView) => void;
  readonly onRemoved: (name: string) => void;
}

/** What was learnt: kept by the browser, and to be taken elsewhere as a file. */
export function Concepts({ concepts, worker, attempt, onImported, onRemoved }: Props) {
  const download = (name: string) =>
    attempt(async () => {
      const url = URL.createObjectURL(await worker.call('exportConcept', [name]));
      const link = Object.assign(document.createElement('a'), { href: url, download: `${name}.zip` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
  const remove = (name: string) =>
    attempt(async () => {
      await worker.call('removeConcept', [name]);
      onRemoved(name);
    });
  return (
    <section class="concepts" aria-label="What it knows">
      <ul>
        {concepts.map(({ name, className, photos }) => (
          <li key={name}>
            <span class={`chip hue-${hueOf(name, concepts)}`}>{name}</span>{' '}
            <span class="hint">
              {className ?? 'thing'}, from {photos} photos
            </span>
            <button type="button" onClick={() => download(name)}>
              Download<span class="visually-hidden"> {name}</span>
            </button>
            <button type="button" onClick={() => remove(name)}>
              Forget<span class="visually-hidden"> {name}</span>
            </button>
          </li>
        ))}
        <li>
          <label class="file quiet">
            Open a downloaded concept
            <input
              type="file"
              accept=".zip"
              onChange={(event) => {
                const input = event.currentTarget;
                const [file] = input.files ?? [];
                if (file === undefined) return;
                attempt(async () => onImported(await worker.call('importConcept', [file])));
                input.value = '';
              }}
            />
          </label>
        </li>
      </ul>
    </section>
  );
}
