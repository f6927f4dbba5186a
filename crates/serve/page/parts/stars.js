// Stars: a radio group of native radio buttons, so that arrow keys and screen readers work as everywhere.

import { h, icon, unique } from './dom.js';

const SHOWN = 5;

/**
 * `change(rating, keyboard)` is called at each choice. With `deferred`, for lists from which a rated title disappears, the arrow keys
 * only move and Enter rates.
 */
export function stars({ label, values, value = null, change, deferred = false }) {
  const name = unique('stars');
  const most = values.at(-1);
  const share = (rating) => (Number.isFinite(rating) ? (values.findIndex((one) => one >= rating) + 1) / values.length : 0);
  const row = (kind) =>
    h(
      'span',
      { class: `stars-row ${kind}` },
      Array.from({ length: SHOWN }, () => icon('star')),
    );
  const full = row('stars-full');
  const inputs = values.map((rating, at) =>
    h('input', {
      type: 'radio',
      name,
      value: rating,
      'aria-label': `${rating} of ${most}`,
      '--from': at,
      '--of': values.length,
    }),
  );
  const group = h(
    'span',
    {
      class: 'stars',
      role: 'radiogroup',
      'aria-label': label,
      title: deferred ? 'Arrow keys choose, Enter rates' : undefined,
      'data-halves': values.length === 2 * SHOWN,
    },
    row('stars-empty'),
    full,
    inputs,
  );
  const show = (rating) => group.style.setProperty('--share', share(rating));
  let current = value;
  const set = (rating) => {
    current = rating;
    for (const input of inputs) input.checked = Number(input.value) === rating;
    show(rating);
  };
  const chosen = () => Number(inputs.find((input) => input.checked)?.value ?? NaN);
  const commit = (rating, keyboard = false) => {
    current = rating;
    show(rating);
    change(rating, keyboard);
  };
  for (const input of inputs) {
    const rating = Number(input.value);
    input.addEventListener('pointerenter', () => show(rating));
    input.addEventListener('change', () => (deferred ? show(rating) : commit(rating)));
    if (deferred) input.addEventListener('click', (event) => event.detail > 0 && commit(rating));
  }
  group.addEventListener('pointerleave', () => show(deferred && group.contains(document.activeElement) ? chosen() : current));
  group.addEventListener('keydown', (event) => {
    if (deferred && event.key === 'Enter' && Number.isFinite(chosen())) commit(chosen(), true);
  });
  if (deferred) group.addEventListener('focusout', (event) => group.contains(event.relatedTarget) || set(current));
  set(value);
  return Object.assign(group, { set, focusStars: (how) => (inputs.find((input) => input.checked) ?? inputs[0]).focus(how) });
}
