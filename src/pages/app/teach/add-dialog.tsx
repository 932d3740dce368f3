import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.tsx';
import { Icon } from '../../ui/icon.tsx';
import { ask, type Folder, server } from '../api.ts';
import { isBusy, startJob } from '../library/job.ts';
import { count, isAdding, state, wordsOf } from '../store.ts';

/** Adds photos to the library: a folder of this computer, or the Toybox. */
export function AddDialog() {
  return isAdding.value ? <OpenDialog /> : null;
}

function OpenDialog() {
  const [folder, setFolder] = useState<Folder>();
  const [path, setPath] = useState('');
  const [trouble, setTrouble] = useState('');
  const close = () => {
    isAdding.value = false;
  };
  const tryTo = async (work: () => Promise<void>) => {
    setTrouble('');
    await work().catch((error: unknown) => setTrouble(wordsOf(error)));
  };
  const asked = useRef(0);
  const lookInto = (wanted?: string) =>
    tryTo(async () => {
      const turn = ++asked.current;
      const found = await ask(server.folders.$get({ query: wanted === undefined ? {} : { path: wanted } }));
      // Text typed, or a folder chosen, in the meantime wins.
      if (turn !== asked.current) return;
      setFolder(found);
      setPath(found.path);
    });
  const add = (wanted: Parameters<typeof startJob>[0]) =>
    tryTo(async () => {
      await startJob(wanted);
      close();
    });
  useEffect(() => {
    void lookInto();
  }, []);
  const { folders: known, hasToybox, things } = state.value!;
  return (
    <Dialog title="Add photos" onClose={close}>
      <p class="faint">A folder, with all the folders in it. The photos stay where they are.</p>
      <form
        class="path"
        onSubmit={(event) => {
          event.preventDefault();
          void lookInto(path);
        }}
      >
        <label>
          Folder
          <input
            value={path}
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => {
              asked.current++;
              setPath(event.currentTarget.value);
            }}
          />
        </label>
        <button type="submit">Go</button>
      </form>
      <p class="problem" role="alert">
        {trouble}
      </p>
      <ul class="folders" aria-label="Folders">
        {folder?.parent != null && (
          <li>
            <button type="button" onClick={() => lookInto(folder.parent!)}>
              <Icon name="back" /> One up
            </button>
          </li>
        )}
        {folder?.folders.map((inner) => (
          <li key={inner.path}>
            <button type="button" onClick={() => lookInto(inner.path)}>
              <Icon name="folder" /> {inner.name}
            </button>
          </li>
        ))}
      </ul>
      <div class="buttons">
        <span class="faint">
          {folder === undefined ? '' : `${count(folder.photos, 'photo')} in it itself`}
        </span>
        <button
          type="button"
          class="main"
          disabled={folder === undefined || isBusy.value}
          onClick={() => add({ folder: folder!.path })}
        >
          Add this folder
        </button>
      </div>
      {(known.length > 0 || (hasToybox && things.length === 0)) && <h3>In the library, or ready for it</h3>}
      <ul class="known">
        {known.map((one) => (
          <li key={one}>
            <span>{one}</span>
            <button type="button" disabled={isBusy.value} onClick={() => add({ folder: one })}>
              Look for changes<span class="visually-hidden"> in {one}</span>
            </button>
          </li>
        ))}
        {hasToybox && things.length === 0 && (
          <li>
            <span>The Toybox: drawn photos to play with</span>
            <button type="button" disabled={isBusy.value} onClick={() => add({ toybox: true })}>
              Add the Toybox
            </button>
          </li>
        )}
      </ul>
    </Dialog>
  );
}
