/** Adam (Kingma & Ba 2015, algorithm 1) with PyTorch's defaults, on one parameter array. */
export interface Adam {
  /** Changes `parameter` in place by one step along `gradient`. */
  step(gradient: Float32Array): void;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** An optimiser for `parameter`; moments are float32, as PyTorch keeps them. */
export function adam(parameter: Float32Array, learningRate: number): Adam {
  const first = new Float32Array(parameter.length);
  const second = new Float32Array(parameter.length);
  let iteration = 0;
  return {
    step(gradient) {
      iteration++;
      const stepSize = learningRate / (1 - BETA1 ** iteration);
      const correction = Math.sqrt(1 - BETA2 ** iteration);
      for (let i = 0; i < parameter.length; i++) {
        const g = gradient[i]!;
        first[i] = first[i]! + (1 - BETA1) * (g - first[i]!);
        second[i] = BETA2 * second[i]! + (1 - BETA2) * g * g;
        const denominator = Math.sqrt(second[i]!) / correction + EPSILON;
        parameter[i] = parameter[i]! - stepSize * (first[i]! / denominator);
      }
    },
  };
}
