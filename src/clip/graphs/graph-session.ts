/** A tensor going into a graph: float32, int64 or bytes, row-major. */
export interface Feed {
  readonly data: Float32Array | BigInt64Array | Uint8Array;
  readonly dims: readonly number[];
}

/** Outputs of a graph by name. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** What else is known of a run. */
export interface RunOptions {
  /** Rows of all runs of this piece of work, as far as is known. */
  readonly expected?: number | undefined;
}

/** One loaded ONNX graph. */
export interface GraphSession {
  /** Runs the graph; every output is float32. */
  run(feeds: Readonly<Record<string, Feed>>, options?: RunOptions): Promise<Outputs>;
  /** Whether it runs on a GPU now. */
  isOnGpu?(): boolean;
  /** Frees the engine's memory. */
  release(): Promise<void>;
}
