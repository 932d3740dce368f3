import type { Command } from 'commander';
import { TOYBOX } from '../clip/hub/names.ts';
import { defaultModel, hasToybox, resolveModel } from '../node/fetch-model.ts';
import { hubCacheFolder, listCachedModels } from '../node/hub-cache.ts';
import { MODEL_HELP } from './common.ts';
import { interruption } from './interruption.ts';
import { downloadProgress } from './open.ts';
import { colour, print, printJson, say } from './output.ts';

interface JsonOption {
  readonly json?: boolean;
}

/** `polar models list | download` */
export function register(models: Command): void {
  models
    .command('list', { isDefault: true })
    .description('what is in the Hugging Face cache')
    .option('--json', 'print as JSON')
    .action(list);
  models
    .command('download')
    .description('fetch a model ahead, so that everything else works without a network')
    .argument('<model>', MODEL_HELP)
    .option('--json', 'print as JSON')
    .action(download);
}

async function list(options: JsonOption): Promise<void> {
  const { models, skipped } = await listCachedModels();
  const fallback = await defaultModel();
  if (options.json) {
    printJson({ cache: hubCacheFolder(), default: fallback, models, skipped });
    return;
  }
  for (const { id, revision, bytes, complete } of models) {
    const size = `${(bytes / 1e6).toFixed(0)} MB`;
    print(
      `${colour.bold(id)}  ${revision.slice(0, 12)}  ${size}${complete ? '' : '  incomplete: run polar models download again'}`,
    );
  }
  const isShipped = await hasToybox();
  const reasons = new Map<string, string[]>();
  for (const { name, reason } of skipped) reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  for (const [reason, names] of reasons) {
    say(`Passed over in the cache, ${names.length} (${reason}): ${names.join(', ')}`);
  }
  if (isShipped) print(`${colour.bold(TOYBOX)}  ships with polar`);
  const used = fallback === TOYBOX && !isShipped ? 'none yet (polar models download ViT-B/32)' : fallback;
  say(`Used when none is named: ${used}. Cache: ${hubCacheFolder()}`);
}

async function download(name: string, options: JsonOption): Promise<void> {
  const bar = downloadProgress();
  try {
    const { id, revision, files } = await resolveModel(name, {
      signal: interruption.signal,
      onProgress: bar.update,
    });
    bar.stop();
    if (options.json) printJson({ id, revision, files: Object.fromEntries(files) });
    else print(`${id}@${revision} is ready`);
  } finally {
    bar.stop();
  }
}
