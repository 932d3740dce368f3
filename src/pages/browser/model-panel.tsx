import { useEffect, useState } from 'preact/hooks';
import { TOYBOX } from '../../clip/hub/names.ts';
import { FileButton, PICTURES } from '../ui/file-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { say } from '../words/say.ts';
import { ModelList } from './model-list.tsx';
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
  const [hasToybox, setHasToybox] = useState<boolean>();
  const [samples, setSamples] = useState<Samples>();
  const load = (chosen: string) => (chosen === TOYBOX ? onLoad(TOYBOX_FOLDER, TOYBOX) : onLoad(chosen));

  useEffect(() => {
    fetch(`${TOYBOX_FOLDER}config.json`, { method: 'HEAD' })
      .then((response) => {
        setHasToybox(response.ok);
        if (!response.ok) return;
        load(TOYBOX);
        return findSamples().then(setSamples);
      })
      .catch(() => setHasToybox(false));
  }, []);

  const add = (files: File[]) => onAdd(onlyPictures(files));
  const isToybox = model?.id === TOYBOX;
  return (
    <section class="panel" aria-label={say('page.region')}>
      <p role="status">
        {model === undefined
          ? hasToybox === false && !busy && say('page.choose-model')
          : say('page.ready', {
              model: model.id,
              device: model.device === 'webgpu' ? 'WebGPU' : 'WebAssembly',
              count: model.threads,
            })}
        {isToybox && ` ${say('page.toybox')}`}
      </p>
      {model !== undefined && (
        <div class="buttons">
          {isToybox && samples !== undefined && !hasPhotos && (
            <button type="button" class="main" disabled={busy} onClick={() => onSamples(samples)}>
              <Icon name="teach" />
              {say('page.samples')}
            </button>
          )}
          <FileButton accept={PICTURES} multiple disabled={busy} onFiles={add}>
            <Icon name="add" />
            {say('header.add')}
          </FileButton>
          <FileButton folder disabled={busy} onFiles={add}>
            <Icon name="folder" />
            {say('page.add-folder')}
          </FileButton>
          <span class="faint">{say('page.drop')}</span>
        </div>
      )}
      <details open={hasToybox === false && model === undefined}>
        <summary>{say('page.models')}</summary>
        <ModelList hasToybox={hasToybox === true} used={model?.id} busy={busy} onLoad={load} />
      </details>
    </section>
  );
}
