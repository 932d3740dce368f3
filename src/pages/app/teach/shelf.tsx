import { FileButton } from '../../ui/file-button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { ThingName } from '../../ui/thing-name.tsx';
import { say } from '../../words/say.ts';
import { ask, server, tileUrl } from '../api.ts';
import { go, place } from '../place.ts';
import { attempt, concepts, hueOf, loadState, state } from '../store.ts';
import { resumeTeaching, teachThing } from './teaching.ts';

/** The learnt concepts: each can be searched for and opened. */
export function Shelf() {
  const find = (name: string) => {
    const { sentence } = place.value;
    const isThere = sentence.toLowerCase().includes(name.toLowerCase());
    if (!isThere) go({ sentence: sentence.trim() === '' ? name : `${sentence.trim()} ${name}` });
  };
  const bring = ([file]: File[]) =>
    attempt(async () => {
      if (file === undefined) return;
      const { name } = await ask(server.concepts.$post({ form: { adapter: file } }));
      await loadState(() => go({ concept: name }));
    });
  // Of the Toybox, ready to be learnt.
  const known = new Set(concepts.value.map(({ name }) => name));
  const things = state.value!.things.filter(({ name }) => !known.has(name));
  return (
    <nav class="shelf" aria-label={say('shelf.region')}>
      <ul>
        {concepts.value.map(({ name, className, cover, usable }) => (
          <li key={name} class={`thing ${hueOf(name)}`}>
            <button
              type="button"
              disabled={!usable}
              title={say(usable ? 'shelf.find' : 'shelf.unusable', { name })}
              onClick={() => find(name)}
            >
              {cover === null ? (
                <span class="cover">{name[0]}</span>
              ) : (
                <img class="cover" src={tileUrl(cover)} alt="" />
              )}
              <ThingName name={name} className={className} />
            </button>
            <button
              type="button"
              class="bare"
              aria-label={say('shelf.about', { name })}
              onClick={() => go({ concept: name })}
            >
              <Icon name="info" />
            </button>
          </li>
        ))}
        {things.map((thing) => (
          <li key={thing.name}>
            <button type="button" class="dashed try" onClick={() => teachThing(thing)}>
              {thing.photos[0] !== undefined && <img class="cover" src={tileUrl(thing.photos[0])} alt="" />}
              {say('shelf.teach-thing', { name: thing.name })}
            </button>
          </li>
        ))}
        <li>
          <button type="button" class="dashed" onClick={resumeTeaching}>
            <Icon name="teach" />
            {say('shelf.teach')}
          </button>
        </li>
        <li>
          <FileButton accept=".zip" class="bare" onFiles={bring}>
            <Icon name="up" />
            {say('shelf.import')}
          </FileButton>
        </li>
      </ul>
    </nav>
  );
}
