import type { Command } from 'commander';
import { describeFolders, type FolderState } from '../../library/folder-states.ts';
import { describeLeftOut } from '../../library/left-out.ts';
import { INDEX_HELP, type ModelOptions } from '../common.ts';
import { openStore } from '../open.ts';
import { count, print, printJson, say } from '../output.ts';
import { indexUri } from '../paths.ts';

/** `polar folders` */
export function register(command: Command): void {
  command
    .option('--index <uri>', INDEX_HELP, indexUri)
    .option('--json', 'print the list as JSON')
    .action(run);
}

async function run(options: Pick<ModelOptions, 'index'> & { readonly json?: boolean }): Promise<void> {
  const states = await describeFolders(openStore(options));
  if (options.json) return printJson(states);
  if (states.length === 0) say('No folder is indexed yet; polar index <folder> adds one.');
  const models = new Set(states.map(({ modelId }) => modelId));
  for (const state of states) print(`${nameOf(state)}: ${describe(state, models.size > 1)}`);
}

const nameOf = ({ path, sources }: FolderState): string =>
  sources === undefined ? path : `${sources.join(', ')} at ${path.replace(/\/photos$/, '')}`;

function describe(state: FolderState, namesModel: boolean): string {
  const { path, photos, broken, read, leftOut, takenOut, troubles, missing, movedTo, modelId } = state;
  const parts = [count(photos, 'photo')];
  if (namesModel && modelId !== null) parts.push(`with ${modelId}`);
  if (missing) {
    const moved =
      movedTo === null
        ? 'index it again when it is back'
        : `moved to ${movedTo}? polar index "${movedTo}", then`;
    parts.push(
      `missing, so not shown: ${moved}${movedTo === null ? '; to take it out:' : ''} polar index --forget "${path}"`,
    );
    return parts.join(', ');
  }
  parts.push(read === null ? 'never read to the end' : `read ${day(read)}`);
  if (broken > 0) parts.push(`${count(broken, 'photo')} cannot be read`);
  if (troubles.length > 0) parts.push('not everything could be read: polar index --failed');
  const others = describeLeftOut(leftOut);
  if (others !== '') parts.push(`left out: ${others}`);
  if (takenOut.length > 0) parts.push(`taken out: ${takenOut.join(', ')}`);
  return parts.join(', ');
}

/** A time as people write it, in the zone of this machine: `2024-05-01 12:34`. */
function day(time: number): string {
  const date = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16).replace('T', ' ');
}
