// The page's fold-in, compared with figures that `fixture.py` has computed with NumPy.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Embedded, decoded } from '../../crates/serve/page/parts/embedded.js';
import { explain, foldIn, score } from '../../crates/serve/page/parts/fold.js';
import { project } from '../../crates/serve/page/parts/project.js';

const TOLERANCE = 1e-4;
const models = JSON.parse(readFileSync(new URL('fixture.json', import.meta.url)));

const close = (left, right, what) => {
  assert.equal(left.length, right.length, what);
  left.forEach((value, at) =>
    assert.ok(Math.abs(value - right[at]) < TOLERANCE, `${what}, number ${at}: ${value} and ${right[at]}`),
  );
};

for (const { name, document, cases } of models) {
  const model = decoded(document);
  for (const { rated, row, scores, explained } of cases) {
    test(`${name}: ${rated.length} ratings give NumPy's row, scores and reasons`, () => {
      const folded = foldIn(model, rated);
      close([...folded.row], row, 'row');
      close(
        scores.map((_, item) => score(model, folded.row, item)),
        scores,
        'scores',
      );
      if (!explained) return;
      const reasons = explain(model, folded, explained.item);
      close([reasons.base], [explained.base], 'base');
      close(reasons.weights, explained.weights, 'weights');
      if (reasons.exact)
        close([reasons.base + reasons.weights.reduce((a, b) => a + b)], [reasons.rating], 'the sum of the parts');
    });
  }

  test(`${name}: neither the order of ratings nor a rating as predicted moves the row`, () => {
    const { rated } = cases[3];
    const folded = foldIn(model, rated);
    close([...foldIn(model, [...rated].reverse()).row], [...folded.row], 'reversed');
    const other = document.items.findIndex((_, item) => rated.every(([one]) => one !== item));
    const more = foldIn(model, [...rated, [other, score(model, folded.row, other)]]);
    close([...more.row], [...folded.row], 'as predicted');
  });
}

test('a linear model is solved in one step, and a sigmoid in few', () => {
  const steps = Object.fromEntries(
    models.map(({ name, document, cases }) => [name, foldIn(decoded(document), cases[3].rated).steps]),
  );
  assert.equal(steps.biased, 1);
  assert.equal(steps.dot, 1);
  assert.ok(steps.scaled > 1 && steps.scaled <= 15, `${steps.scaled}`);
});

test('an embedded model recommends the best of what is not rated, and leaves out what it does not know', async () => {
  const [{ document, cases }] = models;
  const { rated, scores } = cases[2];
  const ratings = rated.map(([item, rating]) => ({ id: String(item), rating }));
  const said = await new Embedded(document).recommend({
    ratings: [...ratings, { id: 'none', rating: 4 }],
    count: 5,
    genre: null,
    minRatings: 0,
    explain: 2,
  });
  const best = scores
    .map((_, item) => item)
    .filter((item) => rated.every(([one]) => one !== item))
    .sort((a, b) => scores[b] - scores[a]);
  assert.deepEqual(
    said.items.map(({ id }) => Number(id)),
    best.slice(0, 5),
  );
  assert.deepEqual(said.unknown, ['none']);
  assert.equal(said.source, 'fold_in');
  assert.ok(said.items.every(({ clipped }) => clipped >= 0.5 && clipped <= 5));
});

test('numbers that do not belong together are refused', () => {
  const broken = structuredClone(models[0].document);
  broken.prior.mean = models[1].document.prior.mean;
  assert.throws(() => decoded(broken), /export it again/);
});

test('the map has the axes of the largest variances', () => {
  // Along (3, 4) / 5 with a standard deviation of 2, across it with 1.
  const rows = Array.from({ length: 400 }, (_, at) => {
    const [along, across] = [2 * Math.SQRT2 * Math.cos(at), Math.SQRT2 * Math.sin(at)];
    return [0.6 * along - 0.8 * across + 7, 0.8 * along + 0.6 * across, 0];
  });
  const { explained, points } = project(rows);
  assert.ok(Math.abs(explained[0] - 0.8) < 0.01 && Math.abs(explained[1] - 0.2) < 0.01, `${explained}`);
  assert.ok(Math.abs(Math.abs(points[3][0]) - Math.abs(2 * Math.SQRT2 * Math.cos(3))) < 0.05);
});
