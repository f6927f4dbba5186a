// Lines of lists: a title that leads to its item, and a recommended title with its prediction and its reasons.

import { fixed, h, icon, unique } from './dom.js';
import { stars } from './stars.js';
import { titled } from './text.js';

export function titleLine(item, go) {
  const [name, year] = titled(item.title);
  return h(
    'span',
    { class: 'what' },
    h(
      'button',
      { type: 'button', class: 'title', onclick: () => go(`item/${encodeURIComponent(item.id)}`) },
      name,
      year && h('span', { class: 'year' }, ` ${year}`),
    ),
    item.genres?.length ? h('span', { class: 'genres' }, item.genres.join(' · ')) : null,
  );
}

/** How far a rating is along the scale, from 0 to 1. */
export const along = (rating, { min, max }) => Math.min(1, Math.max(0, (rating - min) / (max - min || 1)));

/** A number with a thin bar below; of scores without a scale the number alone. */
export function gauge(rating, app) {
  const { scale, order } = app;
  return h(
    'span',
    { class: 'gauge' },
    h('span', { class: 'unseen' }, order ? 'Score ' : 'Predicted '),
    h('span', { class: 'number' }, fixed(rating, order ? 2 : 1)),
    !order && h('span', { class: 'bar', '--part': along(rating, scale), 'aria-hidden': 'true' }),
  );
}

function because(one) {
  if (!one.because.length) return '';
  const [first, second] = one.because.map(({ title, rating }) => [titled(title)[0], ` ${rating}\u202f★`]);
  const said = ([name, given]) => [h('em', null, name), given];
  return ['Because of ', said(first), second && [' and ', said(second)]];
}

/** A recommended title; it has `update` for when its place or its prediction changes. */
export function line({ one, at, reasoned, app, rate, why }) {
  const [name] = titled(one.title);
  const place = h('span', { class: 'place', 'aria-hidden': 'true' });
  const number = h('span', { class: 'gauges' });
  const reason = h('p', { class: 'because' });
  const panel = h('div', { class: 'why', id: unique('why'), hidden: true });
  const button = h(
    'button',
    {
      type: 'button',
      class: 'link',
      'aria-expanded': 'false',
      'aria-controls': panel.id,
      'aria-label': `Why ${name}?`,
    },
    'Why?',
    icon('down'),
  );
  let current = one;
  const show = () => why(panel, current);
  button.addEventListener('click', () => {
    panel.hidden = !panel.hidden;
    button.setAttribute('aria-expanded', String(!panel.hidden));
    if (!panel.hidden) show();
  });
  const update = (next, to, explained) => {
    current = next;
    place.textContent = to + 1;
    number.replaceChildren(gauge(next.clipped ?? next.rating, app));
    reason.replaceChildren(...[because(next)].flat(Infinity).filter(Boolean));
    more.hidden = !explained;
    if (!explained && !panel.hidden) button.click();
    if (!panel.hidden) show();
  };
  const more = h('div', { class: 'more' }, reason, button);
  const row = h(
    'li',
    { class: 'line recommendation' },
    place,
    titleLine(one, app.go),
    number,
    stars({ label: `Rate ${name}`, values: app.values, deferred: true, change: rate }),
    more,
    panel,
  );
  update(one, at, reasoned);
  return Object.assign(row, { update });
}
