import { access, constants, statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { PolarError } from '../../errors.ts';
import { describeFolders } from '../../library/folder-states.ts';
import type { PhotoStore } from '../../library/photo-store.ts';
import { exists } from '../../node/files.ts';
import { polarHome } from '../../node/home.ts';
import { hubCacheFolder, listCachedModels } from '../../node/hub/hub-cache.ts';
import { takeLock } from '../../node/lock.ts';
import { loadEngine } from '../../node/native-module.ts';
import { INDEX_HELP, type ModelOptions } from '../common.ts';
import { openStore } from '../open.ts';
import { openConcepts } from '../open-concepts.ts';
import { colour, count, print, printJson, say, size } from '../output.ts';
import { indexUri } from '../paths.ts';

/** What was found out about one part. */
interface Finding {
  readonly part: string;
  readonly found: string;
  /** The command or step that mends it; null where nothing is broken. */
  readonly remedy: string | null;
}

type Findings = readonly Omit<Finding, 'part'>[];

/** `polar doctor` */
export function register(command: Command): void {
  command
    .option('--index <uri>', INDEX_HELP, indexUri)
    .option('--json', 'print as JSON')
    .action((options: Pick<ModelOptions, 'index'> & { readonly json?: boolean }, { parent }: Command) =>
      run(options, parent!.version()!),
    );
}

async function run(
  options: Pick<ModelOptions, 'index'> & { readonly json?: boolean },
  version: string,
): Promise<void> {
  const findings = await diagnose(version, openStore(options));
  const problems = findings.filter(({ remedy }) => remedy !== null);
  if (options.json) printJson({ ok: problems.length === 0, findings });
  else {
    for (const { part, found, remedy } of findings) {
      print(`${remedy === null ? 'ok     ' : colour.bold('problem')}  ${part}: ${found}`);
      if (remedy !== null) print(`         mend it: ${remedy}`);
    }
  }
  if (problems.length === 0) return say('Nothing is broken.');
  process.exitCode = 1;
  say(`${count(problems.length, 'problem')} found.`);
}

/** Looks at every part; one that fails keeps no other from being looked at. */
export async function diagnose(version: string, store: PhotoStore): Promise<Finding[]> {
  const parts: Readonly<Record<string, () => Promise<Findings>>> = {
    polar: async () => [
      ok(`${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`),
      ok(`${count(availableParallelism(), 'core')}, ${size(totalmem())} of memory`),
    ],
    engine: lookAtEngine,
    pictures: lookAtPictures,
    home: () => lookAtHome(polarHome()),
    index: () => lookAtIndex(store),
    folders: () => lookAtFolders(store),
    concepts: lookAtConcepts,
    models: lookAtModels,
  };
  const findings: Finding[] = [];
  for (const [part, look] of Object.entries(parts)) {
    const found = await look().catch((error: unknown) => [problemOf(error)]);
    findings.push(...found.map((finding) => ({ part, ...finding })));
  }
  return findings;
}

const ok = (found: string) => ({ found, remedy: null });

/** An error of this program says itself what to do. */
function problemOf(error: unknown): Findings[number] {
  if (!(error instanceof PolarError)) throw error;
  const [, found, remedy] = /^(.*); (.*)$/s.exec(error.message) ?? ['', error.message, 'see the message'];
  return { found: found!, remedy: remedy! };
}

async function lookAtEngine(): Promise<Findings> {
  const engine = await loadEngine();
  const backends = engine.listSupportedBackends().map(({ name }) => name);
  const { node, web } = engine.env.versions;
  return [ok(`ONNX Runtime ${node ?? web}, built for ${backends.join(', ')}`)];
}

async function lookAtPictures(): Promise<Findings> {
  const { default: sharp } = await import('sharp');
  return [ok(`sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`)];
}

const LEAST_FREE = 500e6; // a few thumbnails and a commit of the index; models want more, and say so

async function lookAtHome(folder: string): Promise<Findings> {
  // It is made when something is kept, so what counts until then is the folder above.
  if (!(await exists(folder)) && dirname(folder) !== folder) return lookAtHome(dirname(folder));
  const mayWrite = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!mayWrite) {
    const remedy = 'change its permissions, or set POLAR_HOME to another folder';
    return [{ found: `${folder}: may not be written to`, remedy }];
  }
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const found = `${folder}: ${size(free)} free`;
  return [
    free < LEAST_FREE
      ? { found, remedy: 'make room on the disk (polar where says what is large)' }
      : ok(found),
  ];
}

async function lookAtIndex(store: PhotoStore): Promise<Findings> {
  const findings: Findings[number][] = [];
  if (!store.isRemote) {
    if (!(await exists(store.uri))) return [ok(`${store.uri}: nothing is indexed yet`)];
    const path = join(store.uri, '.writer.lock');
    if (await exists(path)) {
      const lock = await takeLock(path, { wait: 'never' });
      await lock?.release();
      findings.push(
        ok(
          lock === undefined
            ? 'a "polar index" is writing now'
            : 'a killed "polar index" left its lock, which is free',
        ),
      );
    }
  }
  for (const { id, precision, photos } of await store.models())
    findings.push(
      ok(`${count(photos, 'photo')} with ${id}${precision === 'half' ? ' in half precision' : ''}`),
    );
  return findings.length === 0 ? [ok(`${store.uri}: nothing is indexed yet`)] : findings;
}

async function lookAtFolders(store: PhotoStore): Promise<Findings> {
  if (!store.isRemote && !(await exists(store.uri))) return [];
  return (await describeFolders(store)).map(({ path, sources, missing, movedTo, troubles, read }) => {
    if (missing) {
      const remedy = movedTo === null ? 'connect its disk, or' : `polar index "${movedTo}", then`;
      return { found: `${path} is missing`, remedy: `${remedy} polar index --forget "${path}"` };
    }
    if (troubles.length > 0) {
      return {
        found: `${path}: not everything could be read`,
        remedy: 'polar index --failed says what and why',
      };
    }
    if (read === null) {
      const again = (sources ?? [path]).map((source) => `"${source}"`).join(' ');
      return { found: `${path} was never read to the end`, remedy: `polar index ${again}` };
    }
    return ok(path);
  });
}

async function lookAtConcepts(): Promise<Findings> {
  const damaged: string[] = [];
  const concepts = await openConcepts().list((line) => damaged.push(line));
  return [
    ok(count(concepts.length, 'learnt thing')),
    ...damaged.map((line) => problemOf(new PolarError(line))),
  ];
}

async function lookAtModels(): Promise<Findings> {
  const { models } = await listCachedModels();
  const cache = hubCacheFolder();
  if (models.length === 0) return [ok(`${cache}: none, so Toybox is used; polar models lists better ones`)];
  return models.map(({ id, revision, bytes, complete }) =>
    complete
      ? ok(`${id}, ${size(bytes)}`)
      : {
          found: `${id}: ${revision.slice(0, 12)} is incomplete`,
          remedy: `polar models download ${id}, or polar models remove ${id}`,
        },
  );
}
