/** A tensor going into a graph: float32, int64 or bytes, row-major. */
export interface Feed {
  readonly data: Float32Array | BigInt64Array | Uint8Array;
  readonly dims: readonly number[];
}

/** One loaded ONNX graph. */
export interface GraphSession {
  /** Runs the graph; every output is float32. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, Float32Array>>>;
  /** Frees the engine's memory. */
  release(): Promise<void>;
}
