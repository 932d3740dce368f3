import { useEffect } from 'preact/hooks';
import { describeLeftOut } from '../../../library/left-out.ts';
import type { LibraryFolder } from '../api.ts';
import { attempt, count, folders, loadFolders, state } from '../store.ts';

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
  const moved = movedTo === null ? '' : `; the same photos lie in ${movedTo}`;
  return (
    <li>
      <strong>{path}</strong>: {missing ? `not there now, so that its photos are not shown${moved}` : words}
      {skipped.length > 0 && (
        <ul>
          {skipped.map((file) => (
            <li key={file.path}>
              <strong>{file.path.slice(path.length).replace(/^[/\\]/, '')}</strong>: {file.reason}
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
  const others = describeLeftOut(leftOut);
  return [
    ...(missing > 0 ? [`${count(missing, 'folder')} missing`] : []),
    ...(broken > 0 ? [`${count(broken, 'photo')} cannot be read`] : []),
    ...(others === '' ? [] : [`left out: ${others}`]),
  ].join('; ');
}
