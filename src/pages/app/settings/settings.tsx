import { Dialog } from '../../ui/dialog.tsx';
import { LanguageSelect } from '../../ui/language-select.tsx';
import { say } from '../../words/say.ts';
import { isChoosing } from '../store.ts';
import { DeletedList } from './deleted-list.tsx';
import { ModelList } from './model-list.tsx';

/** The language, the model in use and others, what was deleted. */
export function Settings() {
  if (!isChoosing.value) return null;
  return (
    <Dialog
      title={say('settings.title')}
      onClose={() => {
        isChoosing.value = false;
      }}
    >
      <LanguageSelect />
      <ModelList />
      <DeletedList />
    </Dialog>
  );
}
