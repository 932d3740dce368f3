import { FileButton } from '../ui/file-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { ThingName } from '../ui/thing-name.tsx';
import { say } from '../words/say.ts';
import type { WorkerClient } from './client.ts';
import { hueOf } from './hue.ts';
import type { ConceptView } from './protocol.ts';

interface Props {
  readonly concepts: readonly ConceptView[];
  readonly worker: WorkerClient;
  readonly attempt: (work: () => Promise<void>) => void;
  readonly onFind: (name: string) => void;
  readonly onImported: (concept: ConceptView) => void;
  readonly onRemoved: (name: string) => void;
}

/** The learnt things: kept by the browser, and to be taken elsewhere as a file. */
export function Concepts({ concepts, worker, attempt, onFind, onImported, onRemoved }: Props) {
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
  const bring = ([file]: File[]) =>
    attempt(async () => {
      if (file !== undefined) onImported(await worker.call('importConcept', [file]));
    });
  return (
    <nav class="shelf" aria-label={say('shelf.region')}>
      <ul>
        {concepts.map(({ name, className, photos }) => (
          <li key={name} class={`thing ${hueOf(name, concepts)}`}>
            <button type="button" title={say('photos', { count: photos })} onClick={() => onFind(name)}>
              <span class="cover" aria-hidden="true">
                {[...name][0]}
              </span>
              <ThingName name={name} className={className} />
            </button>
            <button
              type="button"
              class="bare"
              aria-label={say('page.download', { name })}
              title={say('page.download', { name })}
              onClick={() => download(name)}
            >
              <Icon name="down" />
            </button>
            <button
              type="button"
              class="bare"
              aria-label={say('page.forget', { name })}
              title={say('page.forget', { name })}
              onClick={() => remove(name)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
        <li>
          <FileButton accept=".zip" class="bare" onFiles={bring}>
            <Icon name="up" />
            {say('shelf.import')}
          </FileButton>
        </li>
      </ul>
    </nav>
  );
}
