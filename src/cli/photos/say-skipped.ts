import type { Trouble } from '../../library/left-out.ts';
import { isAddress } from '../../library/remote/address.ts';
import { count, say } from '../output.ts';

/** Says what was left out, and ends the command badly; photos of another server in one line for each reason. */
export function saySkipped(skipped: readonly Trouble[]): void {
  const remote = new Map<string, number>();
  for (const { path, reason } of skipped) {
    if (isAddress(path)) remote.set(reason, (remote.get(reason) ?? 0) + 1);
    else say(`skipped ${path}: ${reason}`);
  }
  for (const [reason, photos] of remote) say(`skipped ${count(photos, 'photo')}: each ${reason}`);
  if (skipped.length > 0) process.exitCode = 1;
}
