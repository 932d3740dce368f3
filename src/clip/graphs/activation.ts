import type { Activation } from '../config.ts';
import type { GraphBuilder } from './onnx.ts';

/** quick_gelu(x) = x * sigmoid(1.702 x) */
const QUICK_GELU_SLOPE = 1.702;

/** gelu_pytorch_tanh(x) = x (1 + tanh u) / 2 with u = k (x + c x^3) */
const TANH_SCALE = Math.sqrt(2 / Math.PI); // k
const TANH_CUBIC = 0.044715; // c

function tanhOf(graph: GraphBuilder, x: string): string {
  const cubic = graph.mul(graph.mul(graph.mul(x, x), x), TANH_CUBIC);
  return graph.each('Tanh', graph.mul(graph.add(x, cubic), TANH_SCALE));
}

/** The activation of the MLP. */
export function activate(graph: GraphBuilder, x: string, activation: Activation): string {
  if (activation === 'quick_gelu') return graph.mul(x, graph.each('Sigmoid', graph.mul(x, QUICK_GELU_SLOPE)));
  if (activation === 'gelu_pytorch_tanh') return graph.mul(graph.mul(x, 0.5), graph.add(1, tanhOf(graph, x)));
  const erf = graph.each('Erf', graph.mul(x, Math.SQRT1_2));
  return graph.mul(graph.mul(x, graph.add(erf, 1)), 0.5);
}

/** The activation's derivative at `x`. */
export function activationGradient(graph: GraphBuilder, x: string, activation: Activation): string {
  if (activation === 'quick_gelu') {
    // d/dx x s(kx) = s + k x s (1 - s) = s (1 + k x (1 - s))
    const scaled = graph.mul(x, QUICK_GELU_SLOPE);
    const s = graph.each('Sigmoid', scaled);
    return graph.mul(s, graph.add(1, graph.mul(scaled, graph.sub(1, s))));
  }
  if (activation === 'gelu_pytorch_tanh') {
    // d/dx x (1 + t) / 2 = (1 + t) / 2 + x (1 - t^2) u' / 2, with t = tanh u and u' = k (1 + 3 c x^2)
    const t = tanhOf(graph, x);
    const slope = graph.mul(graph.add(1, graph.mul(graph.mul(x, x), 3 * TANH_CUBIC)), TANH_SCALE / 2);
    const inner = graph.mul(graph.mul(x, graph.sub(1, graph.mul(t, t))), slope);
    return graph.add(graph.mul(graph.add(1, t), 0.5), inner);
  }
  // d/dx x F(x) = F + x f, with F the normal distribution function and f its density
  const distribution = graph.mul(graph.add(graph.each('Erf', graph.mul(x, Math.SQRT1_2)), 1), 0.5);
  const density = graph.mul(graph.each('Exp', graph.mul(graph.mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return graph.add(distribution, graph.mul(x, density));
}
