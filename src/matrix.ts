/** Row-major float32 matrix; `data.length === rows * columns`. Embeddings are `[N, P]`, one text or image a row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/** A view (not a copy) of row `index`, `[columns]`. */
export function rowOf(matrix: Matrix, index: number): Float32Array {
  return matrix.data.subarray(index * matrix.columns, (index + 1) * matrix.columns);
}

/** The rows at `indices`, in that order (an index may come twice), as a new matrix. */
export function selectRows(matrix: Matrix, indices: readonly number[]): Matrix {
  const data = new Float32Array(indices.length * matrix.columns);
  for (const [row, index] of indices.entries()) data.set(rowOf(matrix, index), row * matrix.columns);
  return { rows: indices.length, columns: matrix.columns, data };
}

/** Wraps `data` as a matrix with `columns` columns. */
export function matrixOf(data: Float32Array, columns: number): Matrix {
  return { rows: columns === 0 ? 0 : data.length / columns, columns, data };
}

/** Views (not copies) of all rows. */
export const rowsOf = (matrix: Matrix): Float32Array[] =>
  Array.from({ length: matrix.rows }, (_, row) => rowOf(matrix, row));

/** A new matrix of these rows, each `[columns]`. */
export function stackRows(rows: readonly Float32Array[], columns: number): Matrix {
  const data = new Float32Array(rows.length * columns);
  for (const [index, row] of rows.entries()) data.set(row, index * columns);
  return { rows: rows.length, columns, data };
}

/** The inner product of two vectors of one length. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!; // 15 times faster than reduce, on thousands of embeddings
  return sum;
}

/** Every row divided by its Euclidean norm, as a new matrix; a zero row stays zero. */
export function normalizeRows(matrix: Matrix): Matrix {
  const data = new Float32Array(matrix.data.length);
  for (let r = 0; r < matrix.rows; r++) {
    const start = r * matrix.columns;
    let sum = 0;
    for (let c = start; c < start + matrix.columns; c++) sum += matrix.data[c]! ** 2;
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let c = start; c < start + matrix.columns; c++) data[c] = matrix.data[c]! * scale;
  }
  return { ...matrix, data };
}
