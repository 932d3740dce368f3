import { useEffect } from 'preact/hooks';
import { Problem } from '../ui/problem.tsx';
import { say } from '../words/say.ts';
import { AlbumLine } from './albums/album-line.tsx';
import { AlbumShelf } from './albums/album-shelf.tsx';
import { loadAlbums } from './albums/albums.ts';
import { followChanges } from './changes.ts';
import { Header } from './header.tsx';
import { resumeJob } from './library/job.ts';
import { JobBar } from './library/job-bar.tsx';
import { ModelBanner } from './library/model-banner.tsx';
import { Welcome } from './library/welcome.tsx';
import { place } from './place.ts';
import { ResultLine } from './search/result-line.tsx';
import { Settings } from './settings/settings.tsx';
import { attempt, loadState, problem, state } from './store.ts';
import { AddDialog } from './teach/add-dialog.tsx';
import { ConceptPage } from './teach/concept-page.tsx';
import { isHovering } from './teach/dropping.ts';
import { Shelf } from './teach/shelf.tsx';
import { TeachPanel } from './teach/teach-panel.tsx';
import { isTeaching } from './teach/teaching.ts';
import { UndoBar } from './teach/undo-bar.tsx';
import { SelectionBar } from './wall/selection-bar.tsx';
import { followPlace, shown } from './wall/showing.ts';
import { Viewer } from './wall/viewer.tsx';
import { Wall } from './wall/wall.tsx';

/** The whole page. */
export function App() {
  useEffect(followPlace, []);
  useEffect(() => {
    void attempt(async () => {
      await loadState();
      resumeJob();
      await loadAlbums();
    });
    return followChanges();
  }, []);
  return (
    <div
      class={`app ${isTeaching.value ? 'with-panel' : ''} ${isHovering.value ? 'hovering' : ''}`}
      data-drop={say('drop.here')}
    >
      <Header />
      <Problem
        trouble={problem.value}
        onClose={() => {
          problem.value = undefined;
        }}
      />
      <main>{state.value !== undefined && <Inside />}</main>
      <TeachPanel />
      <Settings />
      <div class="bars">
        <SelectionBar />
        <JobBar />
        <UndoBar />
      </div>
      {state.value !== undefined && <AddDialog />}
      <Viewer />
    </div>
  );
}

function Inside() {
  if (place.value.concept !== '') return <ConceptPage />;
  if (state.value!.photos === 0) return <Welcome />;
  return (
    <>
      <h1 class="visually-hidden">{say('header.photos')}</h1>
      <ModelBanner />
      <Shelf />
      <AlbumShelf />
      {place.value.album === '' ? <ResultLine /> : <AlbumLine key={place.value.album} />}
      {shown.value !== undefined && <Wall list={shown.value} />}
    </>
  );
}
