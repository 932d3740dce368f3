import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Path } from '../../ui/path.tsx';
import { troubleOf } from '../../ui/refusal.ts';
import { type Trouble, TroubleWords } from '../../ui/trouble.tsx';
import { fill, say } from '../../words/say.ts';
import { ask, type Folder, server } from '../api.ts';
import { isBusy, startJob } from '../library/job.ts';
import { folders, isAdding, loadFolders, loadState, state } from '../store.ts';

// After the last key, before the folder is looked into.
const PAUSE_MS = 250;

/** Adds photos to the library: a folder of this computer, or the Toybox. */
export function AddDialog() {
  return isAdding.value ? <OpenDialog /> : null;
}

function OpenDialog() {
  const [folder, setFolder] = useState<Folder>();
  const [path, setPath] = useState('');
  const [listed, setListed] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const close = () => {
    isAdding.value = false;
  };
  const tryTo = async (work: () => Promise<void>) => {
    setTrouble(undefined);
    await work().catch((error: unknown) => setTrouble(troubleOf(error)));
  };
  const asked = useRef(0);
  const timer = useRef(0);
  /** @param isTyped then the text of the field stays as it is */
  const lookInto = (wanted?: string, isTyped = false) => {
    clearTimeout(timer.current);
    const turn = ++asked.current;
    return tryTo(async () => {
      try {
        const found = await ask(server.folders.$get({ query: wanted === undefined ? {} : { path: wanted } }));
        // Text typed, or a folder chosen, in the meantime wins.
        if (turn !== asked.current) return;
        setFolder(found);
        setListed(isTyped ? wanted! : found.path);
        if (!isTyped) setPath(found.path);
      } catch (error) {
        if (turn === asked.current) throw error;
      }
    });
  };
  const type = (text: string) => {
    asked.current++;
    setPath(text);
    setTrouble(undefined);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => lookInto(text, true), PAUSE_MS);
  };
  // The button adds what stands in the field: what is listed is that, or the button waits.
  const isRight = folder !== undefined && path === listed;
  const add = (wanted: Parameters<typeof startJob>[0]) =>
    tryTo(async () => {
      await startJob(wanted);
      close();
    });
  useEffect(() => {
    void lookInto();
    void tryTo(loadFolders);
  }, []);
  const { folders: known, hasToybox, things } = state.value!;
  return (
    <Dialog title={say('header.add')} onClose={close}>
      <p class="faint">{say('add.more')}</p>
      <form
        class="path"
        onSubmit={(event) => {
          event.preventDefault();
          void lookInto(path);
        }}
      >
        <label>
          {say('folder')}
          <input
            value={path}
            dir="ltr"
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => type(event.currentTarget.value)}
          />
        </label>
        <button type="submit">{say('add.go')}</button>
      </form>
      <ul class="folders" aria-label={say('add.folders')}>
        {folder?.parent != null && (
          <li>
            <button type="button" onClick={() => lookInto(folder.parent!)}>
              <Icon name="back" /> {say('add.up')}
            </button>
          </li>
        )}
        {folder?.folders.map((inner) => (
          <li key={inner.path}>
            <button type="button" onClick={() => lookInto(inner.path)}>
              <Icon name="folder" /> <bdi>{inner.name}</bdi>
            </button>
          </li>
        ))}
      </ul>
      <div class="buttons">
        <div class="what">
          <p class="faint">{isRight && wordsOfContent(folder)}</p>
          <div class="problem" role="alert">
            <TroubleWords trouble={trouble} />
          </div>
        </div>
        <button
          type="button"
          class="main"
          disabled={!isRight || isBusy.value}
          onClick={() => add({ folder: folder!.path })}
        >
          {say('add.add')}
        </button>
      </div>
      {(known.length > 0 || (hasToybox && things.length === 0)) && <h3>{say('add.known')}</h3>}
      <ul class="known">
        {known.map((one) => (
          <KnownFolder key={one} path={one} onAdd={(path) => add({ folder: path })} tryTo={tryTo} />
        ))}
        {hasToybox && things.length === 0 && (
          <li>
            <span>{say('add.toybox')}</span>
            <button type="button" disabled={isBusy.value} onClick={() => add({ toybox: true })}>
              {say('add.toybox.add')}
            </button>
          </li>
        )}
      </ul>
    </Dialog>
  );
}

const wordsOfContent = ({ photos, folders }: Folder): string =>
  photos === 0 && folders.length > 0
    ? say('add.folders-inside', { count: folders.length })
    : say('add.inside', { count: photos });

interface KnownProps {
  readonly path: string;
  readonly onAdd: (path: string) => void;
  readonly tryTo: (work: () => Promise<void>) => Promise<void>;
}

/** A folder of the library: read again, watched, or taken out. */
function KnownFolder({ path, onAdd, tryTo }: KnownProps) {
  const folder = folders.value.find((one) => one.path === path);
  const { missing = false, movedTo = null, watched = false, photos = 0, sources = null } = folder ?? {};
  const forget = () =>
    tryTo(async () => {
      await ask(server.library.$delete({ query: { path } }));
      await loadState();
      await loadFolders();
    });
  const move = () =>
    tryTo(async () => {
      await startJob({ folder: movedTo! });
      isAdding.value = false;
    });
  // As it was set, until the server has answered: what else is drawn meanwhile would set it back.
  const [wanted, setWanted] = useState<boolean>();
  const watch = (isWatched: boolean) => {
    setWanted(isWatched);
    return tryTo(async () => {
      await ask(server.library.$patch({ json: { path, watch: isWatched } }));
      await loadFolders();
    }).finally(() => setWanted((now) => (now === isWatched ? undefined : now)));
  };
  return (
    <li>
      <span class="where">
        {sources === null ? (
          <Path path={path} />
        ) : (
          <bdi>{`${sources.join(', ')} ${new URL(path).origin}`}</bdi>
        )}
        <small class="faint">
          {missing ? say('known.missing') : say('photos', { count: photos })}
          {movedTo !== null && (
            <>
              {say('join.semicolon')}
              {fill('known.moved', { folder: <Path path={movedTo} /> })}
            </>
          )}
        </small>
      </span>
      {movedTo !== null && (
        <button type="button" disabled={isBusy.value} onClick={move}>
          {say('known.moved.yes')}
        </button>
      )}
      {!missing && (
        <label class="watch">
          <input
            type="checkbox"
            checked={wanted ?? watched}
            aria-label={say('known.watch', { folder: path })}
            onChange={(event) => watch(event.currentTarget.checked)}
          />
          {say('known.watch.short')}
        </label>
      )}
      {!missing && (
        <button
          type="button"
          disabled={isBusy.value}
          aria-label={say('known.look', { folder: path })}
          onClick={() => onAdd(path)}
        >
          {say('known.look.short')}
        </button>
      )}
      <button
        type="button"
        class="danger"
        disabled={isBusy.value}
        aria-label={say('known.take-out', { folder: path })}
        onClick={forget}
      >
        {say('known.take-out.short')}
      </button>
    </li>
  );
}
