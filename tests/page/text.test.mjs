// Titles as they are typed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { best, folded, near, titled } from '../../crates/serve/page/parts/text.js';
import { choices } from '../../crates/serve/page/parts/store.js';

const entries = [
  'Lantern, The (1998)',
  'Lanterns of Amber (2004)',
  "Éclair d’été, L' (1971)",
  'Copper Harbor (1998)',
  'The Last Lamp (1956)',
].map((title, at) => ({ title, folded: folded(title), ratings: 10 - at }));
const first = (query) => best(query, entries, 3)[0]?.title;

test('articles, accents, case and punctuation do not matter', () => {
  assert.equal(folded('Matrix, The (1999)'), 'the matrix 1999');
  assert.equal(first('the lantern'), 'Lantern, The (1998)');
  assert.equal(first('LANTERN the'), 'Lantern, The (1998)');
  assert.equal(first("l'eclair d'ete"), entries[2].title);
  assert.equal(first('harbor 1998'), 'Copper Harbor (1998)');
});

test('slips of the finger are forgiven, other words are not', () => {
  assert.equal(first('lantren'), 'Lantern, The (1998)');
  assert.equal(first('coper harbr'), 'Copper Harbor (1998)');
  assert.equal(first('copp'), 'Copper Harbor (1998)');
  assert.equal(first('submarine'), undefined);
  assert.equal(first('the'), 'Lantern, The (1998)');
  assert.equal(first(''), undefined);
  assert.ok(near('abcd', 'abdc', 1) && !near('abcd', 'badc', 1));
});

test('titles are shown as they are spoken', () => {
  assert.deepEqual(titled('Lantern, The (1998)'), ['The Lantern', '1998']);
  assert.deepEqual(titled('4711'), ['4711', '']);
});

test('a scale gives its own steps, or ten', () => {
  assert.deepEqual(choices({ min: 1, max: 5 }), [1, 2, 3, 4, 5]);
  assert.equal(choices({ min: 0.5, max: 5 }).length, 10);
  assert.equal(choices({ min: 1, max: 10 }).length, 10);
  assert.deepEqual([choices({ min: 0, max: 100 }).length, choices({ min: 0, max: 100 }).at(-1)], [10, 100]);
});
