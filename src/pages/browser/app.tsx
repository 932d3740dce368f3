import { useEffect, useRef, useState } from 'preact/hooks';
import { readMessage } from '../../messages.ts';
import { LanguageSelect } from '../ui/language-select.tsx';
import { Problem } from '../ui/problem.tsx';
import { Progress } from '../ui/progress.tsx';
import { troubleOf } from '../ui/refusal.ts';
import { SentenceField } from '../ui/sentence-field.tsx';
import { Told } from '../ui/told.tsx';
import type { Trouble } from '../ui/trouble.tsx';
import { say } from '../words/say.ts';
import { Stopped, WorkerClient } from './client.ts';
import { Concepts } from './concepts.tsx';
import { hueOf } from './hue.ts';
import { ModelPanel } from './model-panel.tsx';
import { picturesIn } from './pictures-in.ts';
import type { ConceptView, LoadedModel, SearchResult } from './protocol.ts';
import { fetchSamples, type Samples } from './samples.ts';
import { SearchLine } from './search-line.tsx';
import { Teach } from './teach.tsx';
import { type Tile, Wall } from './wall.tsx';

// After the last key: long enough to finish a word; a sentence takes the text tower.
const PAUSE_MS = 400;

// A few photos a call, so that a search is answered while a folder is being read.
const PHOTOS_A_CALL = 4;

/** A long job that can be stopped. */
interface Job {
  readonly label: string;
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  readonly unit: 'photos' | 'MB';
  readonly stop: () => void;
}

interface Skipped {
  readonly name: string;
  readonly reason: string;
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
  const [skipped, setSkipped] = useState<readonly Skipped[]>([]);
  const [trouble, setTrouble] = useState<Trouble>();
  const [isDragging, setDragging] = useState(false);
  const [sentence, setSentence] = useState('');
  const [isPersonal, setPersonal] = useState(true);
  const [isSearching, setSearching] = useState(false);
  const timer = useRef(0);

  /** Runs something that may fail, and says why. */
  const attempt = async <T,>(work: () => Promise<T>): Promise<T | undefined> => {
    setTrouble(undefined);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Stopped)) setTrouble(troubleOf(error));
      return undefined;
    }
  };
  /** The same for long work, whose progress is shown. */
  const work = <T,>(run: () => Promise<T>) => attempt(run).finally(() => setJob(undefined));

  const startJob = (label: string, total: number, unit: Job['unit'] = 'photos') => {
    const controller = new AbortController();
    const stop = () => controller.abort();
    const update = (done: number, all = total, words = label) =>
      setJob({ label: words, done, total: all, unit, stop });
    update(0);
    return { signal: controller.signal, update };
  };

  const load = (name: string, id?: string) =>
    work(async () => {
      const { signal, update } = startJob(say('page.downloading', { model: id ?? name }), 0, 'MB');
      const loaded = await worker.call('load', [name, id], {
        signal,
        onProgress: ({ loaded, total }) => {
          // All bytes are here: what remains is making the graphs, of which nobody knows how far it is.
          if (loaded === total) update(0, 0, say('page.preparing', { model: id ?? name }));
          else update(Math.round(loaded / 1e6), Math.round(total / 1e6));
        },
      });
      setModel(loaded);
      setConcepts(loaded.concepts);
      setTiles([]);
      setChosen([]);
      setResult(undefined);
    });

  const addPhotos = (files: readonly File[]) =>
    work(async () => {
      if (files.length === 0) throw new Error(say('page.no-pictures'));
      const { signal, update } = startJob(say('page.reading'), files.length);
      setSkipped([]);
      setResult(undefined);
      for (let start = 0; start < files.length; start += PHOTOS_A_CALL) {
        const added: Tile[] = [];
        const passedOver: Skipped[] = [];
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
    const files = await work(async () => {
      startJob(say('page.fetching'), 0);
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

  const search = (next: string, personal: boolean) => {
    clearTimeout(timer.current);
    setSentence(next);
    setPersonal(personal);
    return attempt(async () => {
      setAsked(next);
      setSearching(next.trim() !== '');
      setResult(next.trim() === '' ? undefined : await worker.call('search', [next, personal]));
    }).finally(() => setSearching(false));
  };
  const type = (next: string) => {
    setSentence(next);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => search(next, isPersonal), PAUSE_MS);
  };
  // Photos that came are ranked too, once all are there.
  const isWorking = job !== undefined;
  useEffect(() => {
    const isOpen = sentence.trim() !== '' && result === undefined && tiles.length > 0;
    if (!isWorking && isOpen && trouble === undefined) void search(sentence, isPersonal);
  }, [isWorking]);
  // What was learnt or forgotten changes the answer.
  const known = concepts.map(({ name }) => name).join('\n');
  useEffect(() => {
    if (result !== undefined && result.text !== '') void search(sentence, isPersonal);
  }, [known]);

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

  const names = concepts.map(({ name }) => ({ name, hue: hueOf(name, concepts) }));
  const hasPhotos = model !== undefined && tiles.length > 0;
  return (
    <div class={isDragging ? 'app hovering' : 'app'} data-drop={say('page.drop.here')}>
      <header>
        <div class="brand">
          <img src="./icon.svg" alt="" />
          <span>POLAR</span>
        </div>
        {hasPhotos && (
          <SentenceField
            value={sentence}
            names={names}
            onType={type}
            onSubmit={() => search(sentence, isPersonal)}
            onClear={() => type('')}
          />
        )}
        <LanguageSelect />
      </header>
      <Problem trouble={trouble} onClose={() => setTrouble(undefined)} />
      <main>
        <h1 class={hasPhotos ? 'visually-hidden' : ''}>{say('welcome.title')}</h1>
        {!hasPhotos && <p class="faint">{say('page.tagline')}</p>}
        <ModelPanel
          model={model}
          busy={job !== undefined}
          hasPhotos={tiles.length > 0}
          onLoad={load}
          onAdd={addPhotos}
          onSamples={addSamples}
        />
        {skipped.length > 0 && (
          <details class="left-out">
            <summary>{say('files.skipped', { count: skipped.length })}</summary>
            <ul>
              {skipped.map(({ name, reason }) => (
                <li key={name + reason}>
                  <strong dir="auto">{name}</strong>: <Told message={readMessage(reason)} />
                </li>
              ))}
            </ul>
          </details>
        )}
        {hasPhotos && (
          <>
            <Concepts
              concepts={concepts}
              worker={worker}
              attempt={attempt}
              onFind={(name) => search(name, isPersonal)}
              onImported={upsert}
              onRemoved={(name) => setConcepts((before) => before.filter((other) => other.name !== name))}
            />
            <SearchLine
              photos={tiles.length}
              concepts={concepts}
              result={result}
              isSearching={isSearching}
              isPersonal={isPersonal}
              onPersonal={(isOn) => search(sentence, isOn)}
              onBack={() => search(sentence, isPersonal)}
            />
            <Teach
              chosen={chosen.flatMap((key) => tiles.filter((tile) => tile.key === key))}
              suggestion={suggestion}
              asked={asked}
              worker={worker}
              hueOf={(name) => hueOf(name, concepts)}
              onClear={() => setChosen([])}
              onLearnt={(concept) => {
                upsert(concept);
                setChosen([]);
              }}
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
      <div class="bars">
        {job !== undefined && (
          <section class="job" aria-label={say('job.region')}>
            <Progress {...job} />
            <button type="button" onClick={job.stop}>
              {say('stop')}
            </button>
          </section>
        )}
      </div>
    </div>
  );
}
