import type { Command } from 'commander';
import { parseRepositoryName, TOYBOX } from '../clip/hub/names.ts';
import { RECOMMENDED_MODEL, RECOMMENDED_MODELS } from '../clip/hub/recommended.ts';
import { PolarError } from '../errors.ts';
import { defaultModel } from '../node/default-model.ts';
import { hasToybox, resolveModel } from '../node/hub/fetch-model.ts';
import {
  type CachedModel,
  hubCacheFolder,
  listCachedModels,
  removeCachedModel,
} from '../node/hub/hub-cache.ts';
import { MODEL_HELP } from './common.ts';
import { interruption } from './interruption.ts';
import { downloadProgress, sayLicence } from './open.ts';
import { colour, count, print, printJson, say, size } from './output.ts';
import { modelName } from './paths.ts';

interface JsonOption {
  readonly json?: boolean;
}

/** `polar models list | download | remove` */
export function register(models: Command): void {
  models
    .command('list', { isDefault: true })
    .description('what is in the Hugging Face cache, which one is used, and which are recommended')
    .option('--json', 'print as JSON')
    .action(list);
  models
    .command('download')
    .description('fetch a model ahead, so that everything else works without a network')
    .argument('<model>', MODEL_HELP, modelName)
    .option('--json', 'print as JSON')
    .action(download);
  models
    .command('remove')
    .description('take a model out of the cache, which Python programs share; what was indexed with it stays')
    .argument('<model>', 'its name, as in the list', modelName)
    .option('--json', 'print as JSON')
    .action(remove);
}

async function list(options: JsonOption): Promise<void> {
  const { models, skipped } = await listCachedModels();
  const { name: used } = await defaultModel();
  const isShipped = await hasToybox();
  const isCached = (id: string) => models.some((model) => model.id === id && model.complete);
  const recommended = RECOMMENDED_MODELS.map((model) => ({
    ...model,
    isRecommended: model.name === RECOMMENDED_MODEL,
    isCached: isCached(model.id),
    isUsed: used.startsWith(`${model.id}@`),
  }));
  if (options.json) {
    printJson({ cache: hubCacheFolder(), default: used, models, recommended, skipped });
    return;
  }
  print(colour.bold('In the cache'));
  for (const model of models) print(`  ${describe(model, used)}`);
  if (isShipped)
    print(`  ${TOYBOX}  ships with polar${used === TOYBOX ? '  (used when none is named)' : ''}`);
  else if (models.length === 0) print('  nothing yet');
  print(colour.bold('Recommended'));
  for (const model of recommended) {
    const recall = model.recall === null ? '' : `  recall ${model.recall} %`;
    const facts = `${size(model.megabytes * 1e6)}  ${size(model.memory * 1e6)} of memory  ${languages(model.languages)}${recall}  ${model.licence}`;
    print(
      `  ${model.isRecommended ? colour.bold(model.name) : model.name}${model.isCached ? '  (in the cache)' : ''}`,
    );
    print(colour.dim(`      ${model.use}: ${facts}`));
  }
  say("Recall is immich's figure for English (docs/models.md); polar models download <name> fetches one.");
  const reasons = new Map<string, string[]>();
  for (const { name, reason } of skipped) reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  for (const [reason, names] of reasons) {
    say(`${count(names.length, 'folder')} of the cache passed over (${reason}): ${names.join(', ')}`);
  }
  const none = used === TOYBOX && !isShipped;
  say(`Used when none is named: ${none ? 'none yet' : used}. Cache: ${hubCacheFolder()}`);
}

const languages = (which: 'English' | 'many'): string =>
  which === 'many' ? 'many languages' : 'English only';

function describe({ id, revision, bytes, complete }: CachedModel, used: string): string {
  const marks = [
    ...(used === `${id}@${revision}` ? ['(used when none is named)'] : []),
    ...(complete ? [] : ['incomplete: run polar models download again']),
  ];
  return [colour.bold(id), revision.slice(0, 12), size(bytes), ...marks].join('  ');
}

async function download(name: string, options: JsonOption): Promise<void> {
  const bar = downloadProgress();
  let licence: string | undefined;
  try {
    const { id, revision, files } = await resolveModel(name, {
      signal: interruption.signal,
      onProgress: bar.update,
      onLicence(found) {
        licence = found;
        sayLicence(name)(found);
      },
    });
    bar.stop();
    if (options.json) printJson({ id, revision, licence: licence ?? null, files: Object.fromEntries(files) });
    else print(`${id}@${revision} is ready${licence === undefined ? '' : ` (licence ${licence})`}`);
  } finally {
    bar.stop();
  }
}

async function remove(name: string, options: JsonOption): Promise<void> {
  if (name === TOYBOX) throw new PolarError(`${TOYBOX}: ships with polar and is not in the cache`);
  const { id } = parseRepositoryName(name);
  const bytes = await removeCachedModel(hubCacheFolder(), id, name);
  if (options.json) printJson({ id, bytes });
  else print(`${id} is removed, ${size(bytes)}`);
}
