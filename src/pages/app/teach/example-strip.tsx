import { FileButton, PICTURES } from '../../ui/file-button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { tileUrl } from '../api.ts';
import { bringIn, examples, isLearning, toggleExample } from './teaching.ts';

/** The photos to learn from. */
export function ExampleStrip() {
  return (
    <ul class="examples" aria-label="Photos to learn from">
      {examples.value.map((example, index) => (
        <li key={example.id}>
          <img src={tileUrl(example.id)} alt={example.name} />
          <span class="number" aria-hidden="true">
            {index + 1}
          </span>
          <button
            type="button"
            disabled={isLearning.value}
            aria-label={`Without ${example.name}`}
            onClick={() => toggleExample(example)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
      <li>
        <FileButton accept={PICTURES} multiple class="bring" onFiles={bringIn}>
          <Icon name="add" />
          From files
        </FileButton>
      </li>
    </ul>
  );
}
