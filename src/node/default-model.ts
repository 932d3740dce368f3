import { imageFlops } from '../clip/cost.ts';
import { readClipConfig } from '../clip/families/describe.ts';
import { CONFIG, OPEN_CLIP_CONFIG } from '../clip/hub/files.ts';
import { TOYBOX } from '../clip/hub/names.ts';
import { qualityOf } from '../clip/hub/recommended.ts';
import { readJsonFile } from './files.ts';
import { CachedRepository, hubCacheFolder, listCachedModels } from './hub/hub-cache.ts';
import { measureSpeed } from './machine-speed.ts';

/** A model in the cache, with what decides between it and others. */
export interface Candidate {
  /** `org/name@commit` */
  readonly name: string;
  readonly id: string;
  /** How well it finds (percent, from the literature), or null where nothing is published. */
  readonly quality: number | null;
  /** Arithmetic of one picture. */
  readonly flops: number;
}

/** A choice, and why. */
export interface ModelChoice {
  readonly name: string;
  /** One line on what was chosen, how long it takes and how to choose otherwise; where there was a choice. */
  readonly reason?: string;
}

/** Photos of a library whose size is not known yet. */
export const TYPICAL_LIBRARY = 10_000;

// As long as somebody lets a machine work without asking what it does; a better model is worth that once.
const PATIENCE_SECONDS = 2 * 3600;
// What is unpublished is taken to find as well as OpenAI's smallest.
const UNKNOWN_QUALITY = 59;

/**
 * The model that is used when none is named: `POLAR_MODEL`, else the best complete one in the cache that reads a
 * library of this size within two hours on this machine (the fastest one where none does), else `toybox`.
 *
 * @param options.photos how many photos are to be read; 10,000 where nobody knows
 */
export async function defaultModel(
  options: { readonly cacheFolder?: string | undefined; readonly photos?: number | undefined } = {},
): Promise<ModelChoice> {
  if (process.env.POLAR_MODEL) return { name: process.env.POLAR_MODEL };
  const candidates = await listCandidates(options.cacheFolder);
  const [first, second] = candidates;
  if (first === undefined) return { name: TOYBOX };
  if (second === undefined) return { name: first.name };
  return chooseCandidate(candidates, await measureSpeed(), options.photos ?? TYPICAL_LIBRARY);
}

/**
 * Weighs quality against time.
 *
 * @param speed operations a second, see `measureSpeed`
 */
export function chooseCandidate(
  candidates: readonly Candidate[],
  speed: number,
  photos: number,
): ModelChoice {
  const seconds = ({ flops }: Candidate) => (photos * flops) / speed;
  const quality = (candidate: Candidate) => candidate.quality ?? UNKNOWN_QUALITY;
  const byQuality = [...candidates].sort(
    (a, b) => quality(b) - quality(a) || a.flops - b.flops || (a.id < b.id ? -1 : 1),
  );
  const best = byQuality[0]!;
  const fastest = [...byQuality].sort((a, b) => a.flops - b.flops)[0]!;
  const chosen = byQuality.find((candidate) => seconds(candidate) <= PATIENCE_SECONDS) ?? fastest;
  const other = chosen === best ? fastest : best;
  const comparison = other === chosen ? '' : `; ${other.id} would take ${duration(seconds(other))}`;
  return {
    name: chosen.name,
    reason: `Using ${chosen.id} of ${candidates.length} models in the cache: about ${duration(seconds(chosen))} for ${photos.toLocaleString('en')} photos on this machine${comparison}. Another one: --model, or POLAR_MODEL.`,
  };
}

/** Complete models in the cache. */
async function listCandidates(cacheFolder = hubCacheFolder()): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const { id, revision, complete } of (await listCachedModels(cacheFolder)).models) {
    if (!complete) continue;
    const { plan, files } = await new CachedRepository(cacheFolder, id).inspect(revision);
    const file = files.get(plan.config === CONFIG ? CONFIG : OPEN_CLIP_CONFIG)!;
    try {
      const flops = imageFlops(readClipConfig(await readJsonFile(file), file));
      candidates.push({ name: `${id}@${revision}`, id, quality: qualityOf(id), flops });
    } catch {
      // Of an architecture that is not read: it says so when it is named.
    }
  }
  return candidates;
}

/** "40 s", "12 min", "1.6 h", "2 days". */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 10 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
