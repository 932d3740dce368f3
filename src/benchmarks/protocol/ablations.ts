import type { Forward } from '../../clip/index.ts';
import type { TrainingSettings } from './checkpoints.ts';

/** Settings that can be varied one at a time. */
export const ABLATIONS = ['lambda', 'iterations', 'images', 'forward', 'rank'] as const;
/** One of {@link ABLATIONS}. */
export type Ablation = (typeof ABLATIONS)[number];

interface Sweep {
  /** Values where none are given. */
  readonly values: readonly string[];
  readonly apply: (settings: TrainingSettings, value: string) => TrainingSettings;
  readonly accepts: (value: string) => boolean;
}

const isCount = (value: string) => /^[1-9]\d{0,5}$/.test(value);

/** The values of each ablation and what they change. */
export const SWEEPS: Readonly<Record<Ablation, Sweep>> = {
  lambda: {
    values: ['0', '0.01', '0.1', '0.35', '1'],
    apply: (settings, value) => ({ ...settings, regWeight: Number(value) }),
    accepts: (value) => value.trim() !== '' && Number(value) >= 0 && Number.isFinite(Number(value)),
  },
  iterations: {
    values: ['50', '100', '250', '500', '1000'],
    apply: (settings, value) => ({ ...settings, iterations: Number(value) }),
    accepts: isCount,
  },
  images: {
    values: ['1', '2', '3', '4', '5'],
    apply: (settings, value) => ({ ...settings, trainImages: Number(value) }),
    accepts: isCount,
  },
  forward: {
    values: ['released', 'exact'],
    apply: (settings, value) => ({ ...settings, forward: value as Forward }),
    accepts: (value) => value === 'released' || value === 'exact',
  },
  rank: {
    values: ['1', '2', '4', '8'],
    apply: (settings, value) => ({ ...settings, rank: Number(value) }),
    accepts: (value) => /^[1-9]\d?$/.test(value),
  },
};
