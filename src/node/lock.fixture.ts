// Takes the lock that it is told of, once for each message, and holds it until it is told to give it back.
import { type Lock, takeLock } from './lock.ts';

let held: Lock | undefined;
process.on('message', async (path: string | null) => {
  if (path === null) await held?.release();
  held = path === null ? undefined : await takeLock(path, { wait: 'never' });
  process.send!(held !== undefined);
});
process.send!('ready');
