import { useEffect } from 'preact/hooks';
import { AddDialog } from './add-dialog.tsx';
import { ConceptPage } from './concept-page.tsx';
import { isHovering } from './dropping.ts';
import { Header } from './header.tsx';
import { resumeJob } from './job.ts';
import { JobBar } from './job-bar.tsx';
import { place } from './place.ts';
import { Problem } from './problem.tsx';
import { ResultLine } from './result-line.tsx';
import { Shelf } from './shelf.tsx';
import { followPlace, shown } from './showing.ts';
import { attempt, loadState, state } from './store.ts';
import { TeachPanel } from './teach-panel.tsx';
import { isTeaching } from './teaching.ts';
import { Viewer } from './viewer.tsx';
import { Wall } from './wall.tsx';
import { Welcome } from './welcome.tsx';

/** The whole page. */
export function App() {
  useEffect(followPlace, []);
  useEffect(() => {
    void attempt(async () => {
      await loadState();
      resumeJob();
    });
    // What other programs, or another window, have done meanwhile.
    const look = () => document.visibilityState === 'visible' && attempt(() => loadState());
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return (
    <div class={`app ${isTeaching.value ? 'with-panel' : ''} ${isHovering.value ? 'hovering' : ''}`}>
      <Header />
      <Problem />
      <main>{state.value !== undefined && <Inside />}</main>
      <TeachPanel />
      <JobBar />
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
      <h1 class="visually-hidden">Photos</h1>
      <Shelf />
      <ResultLine />
      {shown.value !== undefined && <Wall list={shown.value} />}
    </>
  );
}
