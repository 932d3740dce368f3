// The benchmarks as they are offered to programs and to the command line.
export { ABLATIONS, type Ablation, SWEEPS } from './ablations.ts';
export { BASELINE_LABELS, BASELINES, type Baseline, TEXTUAL_INVERSION } from './baselines.ts';
export {
  type Benchmark,
  BenchmarkDataError,
  DATASETS,
  type Dataset,
  PROTOCOLS,
  SPLITS,
  type Split,
} from './benchmark.ts';
export { captionsOfPool, readCaptionFile, readPoolCaptions } from './caption-file.ts';
export { type CaptionEvaluation, evaluateCaptions } from './captions.ts';
export {
  checkpointFolder,
  readAllCheckpoints,
  readCheckpoints,
  type TrainingSettings,
} from './checkpoints.ts';
export { compareResults } from './compare.ts';
export { type Evaluation, type QueryResult, releasedLines } from './evaluate.ts';
export {
  ablationSettings,
  type Experiment,
  evaluateAblation,
  evaluateBaseline,
  evaluateExperimentCaptions,
  evaluatePolar,
  evaluateSeed,
} from './experiment.ts';
export { type Extracted, extractFeatures } from './extract.ts';
export {
  type FeatureSet,
  featureFiles,
  findFeatures,
  modelSlug,
  readFeatureFile,
  readFeatures,
} from './features.ts';
export {
  type BenchmarkCheck,
  type BenchmarkSource,
  checkBenchmark,
  DOWNLOADS,
  loadBenchmark,
  requireImages,
} from './load-benchmark.ts';
export {
  averagePrecision,
  averagePrecisionAt,
  percent,
  ranksOf,
  recallAt,
  reciprocalRank,
} from './metrics.ts';
export { type NpyArray, readNpy, writeNpy } from './npy.ts';
export { writeReport } from './report.ts';
export { listResults, type Result, readResult } from './results.ts';
export { type Difference, type Estimate, estimate, pairedBootstrap } from './statistics.ts';
export { formatTable, makeTable, TABLE_FORMATS, type Table, type TableFormat } from './table.ts';
export * from './toybox/index.ts';
export { defaultSettings, type Trained, trainBenchmark } from './train.ts';
