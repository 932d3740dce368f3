// A benchmark of the paper from its data to its table, on drawn clothes in DeepFashion2's layout.
// With the real data leave `makeDeepFashion2` out; docs/reproduce.md has the figures.
import { loadClip } from 'polar-vl';
import * as bench from 'polar-vl/benchmarks';
import { makeDeepFashion2 } from 'polar-vl/toybox';

const path = 'toybox-clothes';
await makeDeepFashion2(path);
const model = 'toybox';
const clip = await loadClip(model);
const benchmark = await bench.loadBenchmark({ dataset: 'deepfashion2', split: 'test', path });
for (const [set, images] of [
  ['train', benchmark.trainImages],
  ['test', benchmark.pool],
] as const) {
  const [file] = bench.featureFiles(benchmark, set, model);
  await bench.extractFeatures(clip, { root: benchmark.path, names: images, file: file!, batchSize: 64 });
}
const settings = bench.defaultSettings(benchmark);
const folder = 'toybox-checkpoints';
const features = await bench.readFeatures(benchmark, 'train', model, clip);
const { trained, kept } = await bench.trainBenchmark(clip, { benchmark, features, folder, settings });
console.log(trained + kept === benchmark.concepts.length); //=> true

const experiment = { clip, model, benchmark, folder, settings };
await bench.evaluatePolar(experiment);
for (const baseline of bench.BASELINES) await bench.evaluateBaseline(experiment, baseline);
const table = bench.makeTable(benchmark.dataset, await bench.listResults(folder));
console.log(table.columns.join(', ')); //=> concept mAP, concept mRR, context mRR, context recall@5
console.error(bench.formatTable(table, 'text'));

const [polar, plain] = ['POLAR', 'plain CLIP, class name'].map(
  (name) => table.rows.find(({ label }) => label === name)!,
);
const better = table.columns.filter((column) => polar!.cells[column]!.value > plain!.cells[column]!.value);
console.log(`better than plain CLIP in ${better.length} of ${table.columns.length} columns`);
//=> better than plain CLIP in 4 of 4 columns
await clip.close();
