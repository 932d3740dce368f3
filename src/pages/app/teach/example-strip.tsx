import { useState } from 'preact/hooks';
import { FileButton, PICTURES } from '../../ui/file-button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { say } from '../../words/say.ts';
import { tileUrl } from '../api.ts';
import { CropDialog } from './crop-dialog.tsx';
import { bringIn, type Example, examples, isLearning, toggleExample } from './teaching.ts';

/** The photos to learn from. */
export function ExampleStrip() {
  const [cropped, setCropped] = useState<Example>();
  return (
    <>
      <ul class="examples" aria-label={say('teach.examples')}>
        {examples.value.map((example, index) => (
          <li key={example.id}>
            <img src={tileUrl(example.id)} alt={example.name} />
            <button
              type="button"
              class="cut"
              disabled={isLearning.value}
              aria-label={say('teach.crop', { name: example.name })}
              title={say('teach.crop.short')}
              onClick={() => setCropped(example)}
            >
              <Icon name="crop" />
            </button>
            <span class="number" aria-hidden="true">
              {index + 1}
            </span>
            <button
              type="button"
              disabled={isLearning.value}
              aria-label={say('teach.without', { name: example.name })}
              onClick={() => toggleExample(example)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
        <li>
          <FileButton accept={PICTURES} multiple class="bring" onFiles={bringIn}>
            <Icon name="add" />
            {say('teach.from-files')}
          </FileButton>
        </li>
      </ul>
      {cropped !== undefined && <CropDialog example={cropped} onClose={() => setCropped(undefined)} />}
    </>
  );
}
