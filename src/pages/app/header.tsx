import { Icon } from '../ui/icon.tsx';
import { goHome } from './place.ts';
import { SearchField } from './search/search-field.tsx';
import { isAdding, isChoosing, state } from './store.ts';
import { isTeaching, resumeTeaching } from './teach/teaching.ts';

/** The name of the app, the search, and the two things to do. */
export function Header() {
  const hasPhotos = (state.value?.photos ?? 0) > 0;
  return (
    <header>
      <button type="button" class="bare brand" aria-label="POLAR: all photos" onClick={goHome}>
        <img src="/icon.svg" alt="" />
        <span>POLAR</span>
      </button>
      {hasPhotos && <SearchField />}
      <button
        type="button"
        class="wide"
        aria-label="Teach a thing"
        aria-expanded={isTeaching.value}
        onClick={resumeTeaching}
      >
        <Icon name="teach" />
        <span>Teach</span>
      </button>
      <button
        type="button"
        class="wide"
        aria-label="Add photos"
        aria-haspopup="dialog"
        onClick={() => {
          isAdding.value = true;
        }}
      >
        <Icon name="folder" />
        <span>Add photos</span>
      </button>
      <button
        type="button"
        class="bare"
        aria-label={`Settings; the model is ${state.value?.model ?? ''}`}
        aria-haspopup="dialog"
        title={`Settings. Model: ${state.value?.model ?? ''}`}
        onClick={() => {
          isChoosing.value = true;
        }}
      >
        <Icon name="settings" />
      </button>
    </header>
  );
}
