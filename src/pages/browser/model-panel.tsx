import { useEffect, useState } from 'preact/hooks';
import { SHORT_NAMES, TOYBOX } from '../../clip/hub/names.ts';
import { count } from '../../words.ts';
import { onlyPictures } from './pictures-in.ts';
import type { LoadedModel } from './protocol.ts';
import { findSamples, type Samples } from './samples.ts';

// Where a site has Toybox: beside the page.
const TOYBOX_FOLDER = new URL('./toybox/', document.baseURI).href;

interface Props {
  readonly model: LoadedModel | undefined;
  readonly busy: boolean;
  /** Whether photos were added. */
  readonly hasPhotos: boolean;
  readonly onLoad: (name: string, id?: string) => void;
  readonly onAdd: (files: readonly File[]) => void;
  readonly onSamples: (samples: Samples) => void;
}

/** Chooses the model, and gives it photos. */
export function ModelPanel({ model, busy, hasPhotos, onLoad, onAdd, onSamples }: Props) {
  const [name, setName] = useState('ViT-B/32');
  const [hasToybox, setHasToybox] = useState(false);
  const [samples, setSamples] = useState<Samples>();
  const loadNamed = (chosen: string) => (chosen === TOYBOX ? onLoad(TOYBOX_FOLDER, TOYBOX) : onLoad(chosen));

  useEffect(() => {
    fetch(`${TOYBOX_FOLDER}config.json`, { method: 'HEAD' })
      .then((response) => {
        setHasToybox(response.ok);
        if (!response.ok) return;
        setName(TOYBOX);
        loadNamed(TOYBOX);
        return findSamples().then(setSamples);
      })
      .catch(() => setHasToybox(false));
  }, []);

  const add = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    onAdd(onlyPictures(input.files ?? []));
    input.value = '';
  };
  return (
    <section class="panel" aria-label="Model and photos">
      <form
        class="model"
        onSubmit={(event) => {
          event.preventDefault();
          loadNamed(name.trim());
        }}
      >
        <label>
          Model{' '}
          <input
            list="models"
            value={name}
            required
            onInput={(event) => setName(event.currentTarget.value)}
            spellcheck={false}
            autocomplete="off"
          />
        </label>
        <datalist id="models">
          {hasToybox && <option value={TOYBOX} />}
          {Object.keys(SHORT_NAMES).map((short) => (
            <option key={short} value={short} />
          ))}
        </datalist>
        <button type="submit" disabled={busy}>
          Load
        </button>
      </form>
      {model === undefined ? (
        <p class="hint">
          Any CLIP of the Hugging Face hub; fetched once, then kept by this browser (ViT-B/32 has 605 MB).
        </p>
      ) : (
        <>
          <p class="hint" role="status">
            {model.id} is ready ({model.device === 'webgpu' ? 'WebGPU' : 'WebAssembly'},{' '}
            {count(model.threads, 'thread')}).
            {model.id === TOYBOX &&
              ' It is a small model of a drawn world; load a larger one for photographs.'}
          </p>
          <div class="buttons">
            {model.id === TOYBOX && samples !== undefined && !hasPhotos && (
              <button type="button" class="main" disabled={busy} onClick={() => onSamples(samples)}>
                Try it with sample photos
              </button>
            )}
            <label class="file">
              Add photos
              <input type="file" multiple accept="image/*,.heic,.heif" disabled={busy} onChange={add} />
            </label>
            <label class="file">
              Add a folder
              <input
                type="file"
                multiple
                disabled={busy}
                ref={(input) => input?.setAttribute('webkitdirectory', '')}
                onChange={add}
              />
            </label>
            <span class="hint">or drop them on this page</span>
          </div>
        </>
      )}
    </section>
  );
}
