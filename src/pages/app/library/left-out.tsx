import { useEffect } from 'preact/hooks';
import { Path } from '../../ui/path.tsx';
import { Told } from '../../ui/told.tsx';
import { fill, say } from '../../words/say.ts';
import type { LibraryFolder } from '../api.ts';
import { attempt, folders, loadFolders, state } from '../store.ts';
import { wordsOfLeftOut } from './left-out-words.ts';

/** What lies in the indexed folders and is not among the photos: counted by reason, and listed. */
export function LeftOut() {
  const version = state.value?.version;
  // Asked for again when the library has changed.
  useEffect(() => void attempt(loadFolders), [version]);
  const words = summarise(folders.value);
  if (words === '') return null;
  return (
    <details class="left-out">
      <summary>{words}</summary>
      <ul>
        {folders.value.map((folder) => (
          <FolderLeftOut key={folder.path} folder={folder} />
        ))}
      </ul>
    </details>
  );
}

function FolderLeftOut({ folder }: { readonly folder: LibraryFolder }) {
  const { path, missing, movedTo, skipped } = folder;
  const words = summarise([folder]);
  if (words === '') return null;
  return (
    <li>
      <strong>
        <Path path={path} />
      </strong>
      : {missing ? say('left-out.gone') : words}
      {missing && movedTo !== null && (
        <>
          {say('join.semicolon')}
          {fill('left-out.moved', { folder: <Path path={movedTo} /> })}
        </>
      )}
      {skipped.length > 0 && (
        <ul>
          {skipped.map((file) => (
            <li key={file.path}>
              <strong>
                <Path path={file.path.slice(path.length).replace(/^[/\\]/, '')} />
              </strong>
              : <Told message={file.reason} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** "1 photo cannot be read; left out: 3 videos", or nothing. */
function summarise(all: readonly LibraryFolder[]): string {
  const leftOut: Record<string, number> = {};
  for (const folder of all) {
    for (const [reason, number] of Object.entries(folder.leftOut)) {
      leftOut[reason] = (leftOut[reason] ?? 0) + number;
    }
  }
  const broken = all.reduce((sum, folder) => sum + folder.broken, 0);
  const missing = all.filter((folder) => folder.missing).length;
  const others = wordsOfLeftOut(leftOut);
  return [
    ...(missing > 0 ? [say('left-out.missing', { count: missing })] : []),
    ...(broken > 0 ? [say('left-out.broken', { count: broken })] : []),
    ...(others === '' ? [] : [say('left-out.all', { list: others })]),
  ].join(say('join.semicolon'));
}
