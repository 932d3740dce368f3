import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Message } from '../../../messages.ts';
import { Icon } from '../../ui/icon.tsx';
import { say, translate } from '../../words/say.ts';
import { ask, madeUrl, server } from '../api.ts';
import { place } from '../place.ts';
import { attempt, problem, state } from '../store.ts';
import { teachWith } from '../teach/teaching.ts';
import { clearSelection, isSelecting, selected } from './selection.ts';

/** What is done with the selected photos. */
export function SelectionBar() {
  return isSelecting.value ? <OpenBar /> : null;
}

function OpenBar() {
  const [isWorking, setWorking] = useState(false);
  const [done, setDone] = useState('');
  const photos = [...selected.value.keys()];
  useEffect(() => setDone(''), [selected.value]);
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) clearSelection();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const work = async (act: () => Promise<string>) => {
    setWorking(true);
    setDone('');
    await attempt(async () => setDone(await act()));
    setWorking(false);
  };
  const copyPaths = async () => {
    const { paths } = await ask(server.selection.paths.$post({ json: { photos } }));
    await navigator.clipboard.writeText(paths.join('\n'));
    return say('select.copied');
  };
  const save = async (request: Promise<Made>) => {
    const { id, skipped } = await request;
    download(madeUrl(id));
    if (skipped.length > 0) {
      problem.value = {
        text: skipped.map(({ name, reason }) => `${name}: ${translate(reason)}`).join(' · '),
      };
      return say('select.saved.without', { count: skipped.length });
    }
    return say('select.saved');
  };
  const saveZip = () => save(ask(server.selection.zip.$post({ json: { photos } })));
  const savePage = () =>
    save(ask(server.selection.page.$post({ json: { photos, title: place.value.sentence } })));
  const show = async () => {
    await ask(server.selection.show.$post({ json: { photos } }));
    return '';
  };
  const news = isWorking ? say('select.working') : done;
  return (
    <section class="job selection" aria-label={say('select.region')}>
      <p role="status">
        {say('select.count', { count: photos.length })}
        {news !== '' && say('join.semicolon') + news}
      </p>
      <div class="acts">
        {isSecureContext && (
          <button type="button" disabled={isWorking} onClick={() => work(copyPaths)}>
            {say('select.copy')}
          </button>
        )}
        <button type="button" disabled={isWorking} onClick={() => work(saveZip)}>
          {say('select.zip')}
        </button>
        <button type="button" disabled={isWorking} onClick={() => work(savePage)}>
          {say('select.page')}
        </button>
        {state.value?.canShowFolders && (
          <button type="button" disabled={isWorking} onClick={() => work(show)}>
            {say('view.show-folder')}
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            teachWith([...selected.value.values()]);
            clearSelection();
          }}
        >
          {say('select.teach')}
        </button>
      </div>
      <button type="button" class="bare" aria-label={say('select.nothing')} onClick={clearSelection}>
        <Icon name="close" />
      </button>
    </section>
  );
}

interface Made {
  readonly id: string;
  readonly skipped: readonly { readonly name: string; readonly reason: Message }[];
}

/** Lets the browser save what an address answers, without leaving the page. */
function download(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}
