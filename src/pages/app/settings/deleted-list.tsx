import { useEffect, useState } from 'preact/hooks';
import { date, say } from '../../words/say.ts';
import { ask, server } from '../api.ts';
import { attempt, loadState } from '../store.ts';

/** Things that were deleted in the last 30 days. */
export function DeletedList() {
  const [all, setAll] = useState<readonly { id: string; name: string; until: string }[]>([]);
  const load = () => attempt(async () => setAll(await ask(server.deleted.$get())));
  useEffect(() => {
    void load();
  }, []);
  if (all.length === 0) return null;
  const restore = (id: string) =>
    attempt(async () => {
      await ask(server.deleted[':id'].$post({ param: { id } }));
      await loadState();
      await load();
    });
  return (
    <section aria-labelledby="deleted">
      <h3 id="deleted">{say('deleted.title')}</h3>
      <ul class="known">
        {all.map(({ id, name, until }) => (
          <li key={id}>
            <span class="where">
              <bdi>{name}</bdi>
              <small class="faint">{say('deleted.until', { day: date(until) })}</small>
            </span>
            <button type="button" onClick={() => restore(id)}>
              {say('deleted.restore', { name })}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
