import { say } from '../words/say.ts';
import { Icon } from './icon.tsx';
import { type Trouble, TroubleWords } from './trouble.tsx';

interface Props {
  readonly trouble: Trouble | undefined;
  readonly onClose: () => void;
}

/** An error, in words. */
export function Problem({ trouble, onClose }: Props) {
  return (
    <div role="alert">
      {trouble !== undefined && (
        <div class="problem shown">
          <TroubleWords trouble={trouble} />
          <button type="button" class="bare" aria-label={say('close.message')} onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
