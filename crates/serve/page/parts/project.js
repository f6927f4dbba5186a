// Principal components of rows, by power iteration with deflation: two are wanted, of some tens of columns.

const ITERATIONS = 300;

/** The coordinates of each row on the first two principal axes, and the shares of variance that these explain. */
export function project(rows) {
  const width = rows[0]?.length ?? 0;
  const mean = new Float64Array(width);
  for (const row of rows) for (let at = 0; at < width; at++) mean[at] += row[at] / rows.length;
  const covariance = Array.from({ length: width }, () => new Float64Array(width));
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) covariance[i][j] += ((row[i] - mean[i]) * (row[j] - mean[j])) / rows.length;
    }
  }
  for (let i = 0; i < width; i++) for (let j = i + 1; j < width; j++) covariance[i][j] = covariance[j][i];
  const all = covariance.reduce((sum, line, at) => sum + line[at], 0);
  const axes = [0, 1].map((turn) => axis(covariance, turn));
  return {
    explained: axes.map(({ value }) => (all > 0 ? value / all : 0)),
    points: rows.map((row) => axes.map(({ vector }) => vector.reduce((sum, x, at) => sum + x * (row[at] - mean[at]), 0))),
  };
}

/** The largest axis, which is taken out of the covariance. */
function axis(covariance, turn) {
  const width = covariance.length;
  let vector = Float64Array.from({ length: width }, (_, at) => Math.sin(1 + at * (turn + 1))); // no axis is orthogonal to it
  let value = 0;
  for (let step = 0; step < ITERATIONS; step++) {
    const next = covariance.map((line) => line.reduce((sum, x, at) => sum + x * vector[at], 0));
    value = Math.hypot(...next);
    if (!value) break;
    vector = Float64Array.from(next, (x) => x / value);
  }
  // Its sign is arbitrary; fixed by the largest number, so that the map does not flip.
  const largest = vector.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
  if (largest < 0) vector = vector.map((x) => -x);
  covariance.forEach((line, i) => line.forEach((_, j) => (line[j] -= value * vector[i] * vector[j])));
  return { vector, value };
}
