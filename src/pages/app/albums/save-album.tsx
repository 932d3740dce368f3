import { useState } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.tsx';
import { troubleOf } from '../../ui/refusal.ts';
import { Switch } from '../../ui/switch.tsx';
import { type Trouble, TroubleWords } from '../../ui/trouble.tsx';
import { say } from '../../words/say.ts';
import { ask, server } from '../api.ts';
import { place } from '../place.ts';
import { attempt } from '../store.ts';
import { filterOf } from '../wall/photo-list.ts';
import { loadAlbums } from './albums.ts';

/** Keeps the search that is shown under a name; one for photos that are alike has no words to keep. */
export function SaveAlbum() {
  const [isOpen, setOpen] = useState(false);
  const { sentence, like, not, plain } = place.value;
  if (sentence.trim() === '' || like.length + not.length > 0 || plain) return null;
  return (
    <>
      <button type="button" class="bare" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {say('albums.save')}
      </button>
      {isOpen && <SaveDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function SaveDialog({ onClose }: { readonly onClose: () => void }) {
  const { sentence, without } = place.value;
  const [name, setName] = useState(sentence.trim().slice(0, 60));
  const [isSure, setSure] = useState(true);
  const [trouble, setTrouble] = useState<Trouble>();
  const save = async () => {
    const relevance = isSure ? ('strong' as const) : ('fair' as const);
    const json = { name, sentence, without: [...without], ...filterOf(place.value) };
    try {
      await ask(server.albums.$post({ json: { ...json, relevance } }));
    } catch (error) {
      setTrouble(troubleOf(error));
      return;
    }
    onClose();
    await attempt(loadAlbums);
  };
  return (
    <Dialog title={say('albums.save')} onClose={onClose}>
      <form
        class="save"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label>
          {say('name')}
          <input
            dir="auto"
            value={name}
            required
            maxLength={60}
            autocomplete="off"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <Switch isOn={isSure} onSwitch={setSure}>
          {say('albums.sure')}
        </Switch>
        <p class="problem" role="alert">
          <TroubleWords trouble={trouble} />
        </p>
        <button type="submit" class="main" disabled={name.trim() === ''}>
          {say('albums.save.do')}
        </button>
      </form>
    </Dialog>
  );
}
