import { Dialog } from '../../ui/dialog.tsx';
import { isChoosing } from '../store.ts';
import { DeletedList } from './deleted-list.tsx';
import { ModelList } from './model-list.tsx';

/** The model in use and others. */
export function Settings() {
  if (!isChoosing.value) return null;
  return (
    <Dialog
      title="Settings"
      onClose={() => {
        isChoosing.value = false;
      }}
    >
      <ModelList />
      <DeletedList />
    </Dialog>
  );
}
