// The result card: how far predictions are off, or how good lists are, next to what is had without a model.

import { h } from './dom.js';

const LOWER = /^(m[as]e|rmse|loss)/;
const SHORT = /\b(rmse|mae|mse|ndcg|mrr|auc|map)\b/g;

/** The name of a measure or setting for people. */
export const words = (name) => {
  const spaced = name.replaceAll('_', ' ').replace(SHORT, (short) => short.toUpperCase());
  return spaced[0].toUpperCase() + spaced.slice(1);
};

export const measured = (value) => (Number.isFinite(value) ? value.toFixed(4) : '–');

/** Bars of one measure: the model and the baselines, the best first. */
function bars(measure, entries) {
  const most = Math.max(...entries.map(([, value]) => value), 1e-9);
  const sorted = [...entries].sort((a, b) => (LOWER.test(measure) ? a[1] - b[1] : b[1] - a[1]));
  return h(
    'table',
    { class: 'against' },
    h('caption', null, `${words(measure)}, ${LOWER.test(measure) ? 'lower' : 'higher'} is better`),
    h(
      'tbody',
      null,
      sorted.map(([name, value, own]) =>
        h(
          'tr',
          { class: own ? 'own' : undefined },
          h('th', { scope: 'row' }, name),
          h('td', { class: 'number' }, measured(value)),
          h('td', null, h('span', { class: 'bar', '--part': value / most, 'aria-hidden': 'true' })),
        ),
      ),
    ),
  );
}

/** All measures of the held-out parts, side by side. */
function measures(parts) {
  const names = [...new Set(parts.flatMap(([, values]) => Object.keys(values)))];
  return h(
    'table',
    { class: 'measures' },
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        h('th', { scope: 'col' }, 'Measure'),
        parts.map(([part]) => h('th', { scope: 'col', class: 'number' }, part)),
      ),
    ),
    h(
      'tbody',
      null,
      names.map((name) =>
        h(
          'tr',
          null,
          h('th', { scope: 'row' }, words(name)),
          parts.map(([, values]) => h('td', { class: 'number' }, measured(values[name]))),
        ),
      ),
    ),
  );
}

/** The card of a run's report; null if it has no measures. */
export function resultCard(report, name) {
  if (!report) return null;
  const parts = [
    ['Validation', report.metrics ?? report.ranking],
    ['Test', report.test ?? report.test_ranking],
  ].filter(([, values]) => values);
  if (!parts.length) return null;
  const [, values] = parts[0];
  const measure = ['rmse', 'ndcg@10'].find((one) => Number.isFinite(values[one])) ?? Object.keys(values)[0];
  const others = { ...report.baselines, ...(report.popularity && { popularity: report.popularity }) };
  const entries = Object.entries(others)
    .map(([one, of]) => [words(one), of?.[measure]])
    .filter(([, value]) => Number.isFinite(value));
  return h(
    'section',
    { class: 'card half' },
    h('h3', null, 'Results'),
    entries.length ? bars(measure, [[name, values[measure], true], ...entries]) : null,
    measures(parts),
  );
}
