// Fold-in: the row of a visitor from a few ratings, for factor models. The same algorithm as the service's: the minimum of
//
//   |r - f(x)|^2 + (x - mean)' P (x - mean),    f_i(x) = link(c_i + b + p . q_i),    x = [p; b]
//
// by Gauss-Newton, where `mean` and `P = sigma^2 Sigma^-1` come from the trained rows. The link is the identity or a
// sigmoid between two bounds. Everything is computed in double precision.

const MOST_STEPS = 15;
const TOLERANCE = 1e-6;
const LEAST_PART = 1e-3;
const LEAST_PIVOT = 1e-12;
const LIFT = 1e-6;
const SWEEPS = 20;

function factor(matrix, size, least) {
  const lower = Float64Array.from(matrix);
  for (let column = 0; column < size; column++) {
    let pivot = lower[column * size + column];
    for (let k = 0; k < column; k++) pivot -= lower[column * size + k] ** 2;
    if (!(pivot > least)) return null;
    const root = Math.sqrt(pivot);
    lower[column * size + column] = root;
    for (let row = column + 1; row < size; row++) {
      let sum = lower[row * size + column];
      for (let k = 0; k < column; k++) sum -= lower[row * size + k] * lower[column * size + k];
      lower[row * size + column] = sum / root;
    }
  }
  return lower;
}

/** `L L'` of a symmetric positive definite matrix, its diagonal raised by a millionth of its mean if it is almost singular. */
export function cholesky(matrix, size) {
  let trace = 0;
  for (let at = 0; at < size; at++) trace += matrix[at * size + at];
  if (!(Number.isFinite(trace) && trace > 0)) return null;
  const lower = factor(matrix, size, LEAST_PIVOT * trace);
  if (lower) return { lower, size, lifted: false };
  const raised = Float64Array.from(matrix);
  for (let at = 0; at < size; at++) raised[at * size + at] += (LIFT * trace) / size;
  const second = factor(raised, size, 0);
  return second && { lower: second, size, lifted: true };
}

/** The solution of `L L' x = right`. */
export function solve({ lower, size }, right) {
  const x = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) x[row] -= lower[row * size + k] * x[k];
    x[row] /= lower[row * size + row];
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) x[row] -= lower[k * size + row] * x[k];
    x[row] /= lower[row * size + row];
  }
  return x;
}

const inner = (a, b) => {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
};

/** The derivative of the linear part along the row: `[q_i, 1]`, or `q_i` without a user bias. */
function slopes(model, item) {
  const { width, factors, userBias } = model;
  const out = new Float64Array(width + (userBias ? 1 : 0)).fill(1);
  for (let at = 0; at < width; at++) out[at] = factors[item * width + at];
  return out;
}

/** The score of an item without the centre, and its derivative along the linear part. */
function linked(model, row, item) {
  const { width, factors, bias, userBias, link } = model;
  let sum = (bias ? bias[item] : 0) + (userBias ? row[width] : 0);
  for (let at = 0, from = item * width; at < width; at++) sum += row[at] * factors[from + at];
  if (!link) return [sum, 1];
  const part = 1 / (1 + Math.exp(-sum));
  return [link.low + (link.high - link.low) * part, (link.high - link.low) * part * (1 - part)];
}

/** The predicted rating of an item for a row, not clipped. */
export function score(model, row, item) {
  return model.centre + linked(model, row, item)[0];
}

function evaluate(model, row, items) {
  const scores = [];
  const jacobian = [];
  for (const item of items) {
    const [value, slope] = linked(model, row, item);
    scores.push(value);
    jacobian.push(slopes(model, item).map((one) => one * slope));
  }
  return { scores, jacobian };
}

function pull(prior, row) {
  const size = row.length;
  const away = row.map((x, at) => x - prior.mean[at]);
  const out = new Float64Array(size);
  for (let at = 0; at < size; at++) out[at] = inner(prior.precision.subarray(at * size, (at + 1) * size), away);
  return { away, out };
}

function objective(prior, wanted, at, row) {
  let sum = 0;
  wanted.forEach((rating, n) => (sum += (rating - at.scores[n]) ** 2));
  const { away, out } = pull(prior, row);
  return sum + inner(away, out);
}

/** `J'J + P` and `J'(r - f) - P (x - mean)`. */
function system(prior, wanted, at, row) {
  const size = row.length;
  const matrix = Float64Array.from(prior.precision);
  const right = pull(prior, row).out.map((x) => -x);
  at.jacobian.forEach((line, n) => {
    const residual = wanted[n] - at.scores[n];
    for (let i = 0; i < size; i++) {
      right[i] += line[i] * residual;
      for (let j = 0; j < size; j++) matrix[i * size + j] += line[i] * line[j];
    }
  });
  return { matrix, right };
}

/** Coordinate descent on the same quadratic over rows without negative numbers, from the projected end of the step. */
function keepNonNegative({ matrix, right }, row, step) {
  const size = row.length;
  for (let at = 0; at < size; at++) step[at] = Math.max(step[at], -row[at]);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let at = 0; at < size; at++) {
      const line = matrix.subarray(at * size, (at + 1) * size);
      if (line[at] <= 0) continue;
      step[at] = Math.max(step[at] + (right[at] - inner(line, step)) / line[at], -row[at]);
    }
  }
}

/**
 * Fits a row to ratings `[[item, stars], ...]` of distinct items; without ratings it is the mean of the trained rows. Where
 * scores are not ratings, every rated item should score `model.target`.
 * Returns the row, the number of steps, whether a system was almost singular, and what `explain` needs.
 */
export function foldIn(model, rated) {
  const { prior } = model;
  const items = rated.map(([item]) => item);
  const wanted = rated.map(([, stars]) => (model.target ?? stars) - model.centre);
  let row = Float64Array.from(prior.mean);
  let at = evaluate(model, row, items);
  let worth = objective(prior, wanted, at, row);
  const result = { row, steps: 0, lifted: false, items, wanted, at };
  while (rated.length && result.steps < MOST_STEPS) {
    const quadratic = system(prior, wanted, at, row);
    const root = cholesky(quadratic.matrix, row.length);
    if (!root) break;
    const step = solve(root, quadratic.right);
    if (model.nonNegative) keepNonNegative(quadratic, row, step);
    // Next to the minimum rounding may raise the objective, while the step still leads to it.
    const slack = model.nonNegative ? 0 : TOLERANCE * worth;
    let taken = null;
    for (let part = 1; part >= LEAST_PART && !taken; part /= 2) {
      const next = row.map((x, n) => x + part * step[n]);
      const there = evaluate(model, next, items);
      const value = objective(prior, wanted, there, next);
      if (value <= worth + (part < 1 ? 0 : slack)) taken = { next, there, value };
    }
    if (!taken) break;
    const fallen = worth - taken.value;
    const enough = fallen < TOLERANCE * worth;
    ({ next: row, there: at, value: worth } = taken);
    result.lifted ||= root.lifted;
    Object.assign(result, { row, at });
    if (fallen > 0) result.steps += 1;
    if (enough) break;
  }
  return result;
}

/**
 * How much each rating contributes to an item's score:
 *
 *   score(i) = f_i(mean) + sum over j of (J_i A^-1 J_j') (r_j - f_j + J_j (x - mean)),    A = J'J + P.
 *
 * Exact for the identity link without constraints, otherwise first order.
 */
export function explain(model, folded, item) {
  const { prior } = model;
  const base = model.centre + linked(model, prior.mean, item)[0];
  const rating = score(model, folded.row, item);
  const exact = !model.link && !model.nonNegative;
  // The same for every item.
  folded.root ??= cholesky(system(prior, folded.wanted, folded.at, folded.row).matrix, folded.row.length);
  const { root } = folded;
  if (!root || !folded.items.length) return { rating, base, exact, weights: folded.items.map(() => 0) };
  const slope = linked(model, folded.row, item)[1];
  const solved = solve(
    root,
    slopes(model, item).map((one) => one * slope),
  );
  const away = folded.row.map((x, at) => x - prior.mean[at]);
  const weights = folded.at.jacobian.map((line, n) => {
    const residual = folded.wanted[n] - folded.at.scores[n] + inner(line, away);
    return inner(solved, line) * residual;
  });
  return { rating, base, exact, weights };
}
