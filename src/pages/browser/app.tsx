import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../../words.ts';
import { Stopped, WorkerClient } from './client.ts';
import { Concepts } from './concepts.tsx';
import { ModelPanel } from './model-panel.tsx';
import { picturesIn } from './pictures-in.ts';
import type { ConceptView, LoadedModel, SearchResult } from './protocol.ts';
import { fetchSamples, type Samples } from './samples.ts';
import { SearchBar } from './search-bar.tsx';
import { Teach } from './teach.tsx';
import { type Tile, Wall } from './wall.tsx';

// A few photos a call, so that a search is answered while a folder is being read.
const PHOTOS_A_CALL = 4;

/** A long job that can be stopped. */
interface Job {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly stop: () => void;
}

/** A thing that could be learnt. */
type Suggestion = Samples['things'][number];

/** The whole page. */
export function App() {
  const client = useRef<WorkerClient>(undefined);
  client.current ??= new WorkerClient();
  const worker = client.current;
  const [model, setModel] = useState<LoadedModel>();
  const [concepts, setConcepts] = useState<readonly ConceptView[]>([]);
  const [tiles, setTiles] = useState<readonly Tile[]>([]);
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [suggestion, setSuggestion] = useState<Suggestion>();
  const [asked, setAsked] = useState('');
  const [result, setResult] = useState<SearchResult>();
  const [job, setJob] = useState<Job>();
  const [skipped, setSkipped] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState('');
  const [dragging, setDragging] = useState(false);

  /** Runs something that may fail, and says why. */
  const attempt = async <T,>(work: () => Promise<T>): Promise<T | undefined> => {
    setProblem('');
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Stopped)) setProblem(error instanceof Error ? error.message : String(error));
      return undefined;
    } finally {
      setJob(undefined);
    }
  };

  const startJob = (label: string, total: number) => {
    const controller = new AbortController();
    const stop = () => controller.abort();
    const update = (done: number, all = total) => setJob({ label, done, total: all, stop });
    update(0);
    return { signal: controller.signal, update };
  };

  const load = (name: string, id?: string) =>
    attempt(async () => {
      const { signal, update } = startJob(`Loading ${id ?? name}`, 0);
      const loaded = await worker.call('load', [name, id], {
        signal,
        onProgress: (progress) => update(progress.loaded, progress.total),
      });
      setModel(loaded);
      setConcepts(loaded.concepts);
      setTiles([]);
      setChosen([]);
      setResult(undefined);
    });

  const addPhotos = (files: readonly File[]) =>
    attempt(async () => {
      if (files.length === 0) throw new Error('There are no pictures among these files.');
      const { signal, update } = startJob('Reading photos', files.length);
      setSkipped([]);
      setResult(undefined);
      for (let start = 0; start < files.length; start += PHOTOS_A_CALL) {
        const added: Tile[] = [];
        const passedOver: string[] = [];
        await worker.call('addPhotos', [files.slice(start, start + PHOTOS_A_CALL)], {
          signal,
          onProgress: (progress) => {
            update(start + progress.done);
            if ('skipped' in progress) passedOver.push(progress.skipped);
            else {
              const { key, name, thumbnail } = progress.photo;
              added.push({ key, name, url: URL.createObjectURL(thumbnail) });
            }
          },
        });
        setTiles((before) => [...before, ...added]);
        setSkipped((before) => [...before, ...passedOver]);
        signal.throwIfAborted();
      }
      return true;
    });

  const addSamples = async (samples: Samples) => {
    const files = await attempt(async () => {
      startJob('Fetching the sample photos', 0);
      return fetchSamples(samples);
    });
    if (files === undefined) return;
    // The first thing can be learnt while the other photos are being read.
    const [first] = samples.things;
    const isFirst = (file: File) => first?.photos.includes(file.name) ?? false;
    if (!(await addPhotos(files.filter(isFirst)))) return;
    setSuggestion(first);
    await addPhotos(files.filter((file) => !isFirst(file)));
  };

  // The photos of the first thing to learn are chosen for a visitor, who can press "Learn" at once.
  useEffect(() => {
    if (suggestion === undefined) return;
    const own = tiles.filter((tile) => suggestion.photos.includes(tile.name));
    setChosen(own.map((tile) => tile.key));
  }, [suggestion]);

  const search = (sentence: string, personal: boolean) =>
    attempt(async () => {
      setAsked(sentence);
      setResult(sentence.trim() === '' ? undefined : await worker.call('search', [sentence, personal]));
    });

  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault();
      setDragging(model !== undefined);
    };
    const leave = () => setDragging(false);
    const drop = async (event: DragEvent) => {
      event.preventDefault();
      setDragging(false);
      if (model !== undefined) await addPhotos(await picturesIn(event.dataTransfer!));
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  });

  const upsert = (concept: ConceptView) => {
    const same = (other: ConceptView) => other.name.toLowerCase() === concept.name.toLowerCase();
    setConcepts((before) => [...before.filter((other) => !same(other)), concept]);
  };

  return (
    <>
      <header>
        <h1>POLAR</h1>
        <p class="tagline">
          Teach it a thing of yours from a few photos, then find it with a sentence. Everything happens in
          this browser: your photos are never sent anywhere.
        </p>
      </header>
      <main class={dragging ? 'dragging' : ''}>
        <ModelPanel
          model={model}
          busy={job !== undefined}
          hasPhotos={tiles.length > 0}
          onLoad={load}
          onAdd={addPhotos}
          onSamples={addSamples}
        />
        <p class="problem" role="alert">
          {problem}
        </p>
        {job !== undefined && (
          <div class="job">
            <label>
              {job.label}{' '}
              <progress value={job.total === 0 ? undefined : job.done} max={job.total || undefined} />
            </label>
            <span class="count">{describe(job)}</span>
            <button type="button" onClick={job.stop}>
              Stop
            </button>
          </div>
        )}
        {skipped.length > 0 && (
          <details class="skipped">
            <summary>{count(skipped.length, 'file was', 'files were')} passed over</summary>
            <ul>
              {skipped.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </details>
        )}
        {model !== undefined && tiles.length > 0 && (
          <>
            <SearchBar concepts={concepts} result={result} onSearch={search} />
            <Teach
              chosen={chosen.flatMap((key) => tiles.filter((tile) => tile.key === key))}
              suggestion={suggestion}
              asked={asked}
              worker={worker}
              onClear={() => setChosen([])}
              onLearnt={(concept) => {
                upsert(concept);
                setChosen([]);
              }}
            />
            <Concepts
              concepts={concepts}
              worker={worker}
              attempt={attempt}
              onImported={upsert}
              onRemoved={(name) => setConcepts((before) => before.filter((other) => other.name !== name))}
            />
            <Wall
              tiles={tiles}
              hits={result?.hits}
              chosen={chosen}
              onToggle={(key) =>
                setChosen((before) =>
                  before.includes(key) ? before.filter((other) => other !== key) : [...before, key],
                )
              }
              onLike={(key) => attempt(async () => setResult(await worker.call('like', [key])))}
            />
          </>
        )}
      </main>
    </>
  );
}

function describe({ label, done, total }: Job): string {
  if (!label.startsWith('Loading')) return `${done} of ${total}`;
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return total === 0 ? '' : `${megabytes(done)} of ${megabytes(total)} MB`;
}
