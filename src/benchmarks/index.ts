/**
 * The paper's benchmarks: data, features, protocols, results.
 *
 * @module polar-vl/benchmarks
 */

export {
  type Benchmark,
  BenchmarkDataError,
  DATASETS,
  type Dataset,
  PROTOCOLS,
  SPLITS,
  type Split,
} from './data/benchmark.ts';
export { captionsOfPool, readCaptionFile, readPoolCaptions } from './data/caption-file.ts';
export {
  type BenchmarkCheck,
  type BenchmarkSource,
  checkBenchmark,
  DOWNLOADS,
  loadBenchmark,
  requireImages,
} from './data/load-benchmark.ts';
export { type Extracted, type ExtractOptions, extractFeatures } from './features/extract.ts';
export {
  type FeatureSet,
  featureFiles,
  findFeatures,
  modelSlug,
  readFeatureFile,
  readFeatures,
} from './features/features.ts';
export { type NpyArray, readNpy, writeNpy } from './features/npy.ts';
export { ABLATIONS, type Ablation, SWEEPS } from './protocol/ablations.ts';
export { BASELINE_LABELS, BASELINES, type Baseline, TEXTUAL_INVERSION } from './protocol/baselines.ts';
export {
  type CaptionEvaluation,
  type EvaluateCaptionsOptions,
  evaluateCaptions,
} from './protocol/captions.ts';
export {
  checkpointFolder,
  readAllCheckpoints,
  readCheckpoints,
  type TrainingSettings,
} from './protocol/checkpoints.ts';
export { type Evaluation, type QueryResult, releasedLines } from './protocol/evaluate.ts';
export {
  ablationSettings,
  type Experiment,
  evaluateAblation,
  evaluateBaseline,
  evaluateExperimentCaptions,
  evaluatePolar,
  evaluateSeed,
} from './protocol/experiment.ts';
export {
  averagePrecision,
  averagePrecisionAt,
  percent,
  ranksOf,
  recallAt,
  reciprocalRank,
} from './protocol/metrics.ts';
export {
  defaultSettings,
  type TrainBenchmarkOptions,
  type Trained,
  trainBenchmark,
} from './protocol/train.ts';
export { compareResults } from './results/compare.ts';
export { writeReport } from './results/report.ts';
export { listResults, type Result, readResult } from './results/results.ts';
export { type Difference, type Estimate, estimate, pairedBootstrap } from './results/statistics.ts';
export { formatTable, makeTable, TABLE_FORMATS, type Table, type TableFormat } from './results/table.ts';
