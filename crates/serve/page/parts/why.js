// Why a title is in the list: what everybody would get, and what each rating adds or takes.

import { failure, fixed, h, signed } from './dom.js';
import { titled } from './text.js';

const REASONS = 6;

const bar = (weight, largest) =>
  h(
    'span',
    { class: `push ${weight < 0 ? 'down' : 'up'}`, 'aria-hidden': 'true' },
    h('span', { '--part': Math.abs(weight) / largest }),
  );

function table({ rating, base, exact, contributions }) {
  const shown = contributions.slice(0, REASONS);
  const others = contributions.slice(REASONS).reduce((sum, { weight }) => sum + weight, 0);
  const rest = rating - base - contributions.reduce((sum, { weight }) => sum + weight, 0);
  const lines = shown.map(({ title, rating: given, weight }) => [`${titled(title)[0]}, rated ${given}`, weight]);
  if (contributions.length > REASONS) lines.push([`${contributions.length - REASONS} other ratings`, others]);
  if (!exact && Math.abs(rest) >= 0.005) lines.push(['What a sum cannot express', rest]);
  const largest = Math.max(0.05, ...lines.map(([, weight]) => Math.abs(weight)));
  return h(
    'table',
    { class: 'reasons' },
    h('caption', { class: 'unseen' }, 'What the prediction is made of'),
    h(
      'tbody',
      null,
      h('tr', null, h('th', { scope: 'row' }, 'Without these ratings'), h('td', { class: 'number' }, fixed(base, 2)), h('td')),
      lines.map(([words, weight]) =>
        h(
          'tr',
          null,
          h('th', { scope: 'row' }, words),
          h('td', { class: 'number' }, signed(weight)),
          h('td', null, bar(weight, largest)),
        ),
      ),
      h(
        'tr',
        { class: 'sum' },
        h('th', { scope: 'row' }, exact ? 'Prediction' : 'Prediction (parts to first order)'),
        h('td', { class: 'number' }, fixed(rating, 2)),
        h('td'),
      ),
    ),
  );
}

/** Fills a panel with the reasons of an item; a later call for the same panel supersedes an earlier one. */
export function whyPanel(app) {
  let asked = null;
  return async (panel, item) => {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    if (!panel.childElementCount) panel.append(h('p', { class: 'hint' }, 'Asking…'));
    try {
      const said = await app.source.explain({ user: app.ratings.user, ratings: app.ratings.given() }, item.id, signal);
      if (!signal.aborted) panel.replaceChildren(table(said));
    } catch (error) {
      if (error.name !== 'AbortError') panel.replaceChildren(failure(error));
    }
  };
}
