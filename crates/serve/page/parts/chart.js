// Lines over epochs, with the numbers as a table below.

import { h, svg } from './dom.js';

const HEIGHT = 240;
const LEFT = 46;
const RIGHT = 74;
const TOP = 14;
const BOTTOM = 28;

/** Round steps that cover a range with about `count` of them. */
export function ticks(low, high, count) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((by) => by * power).find((one) => one >= raw);
  const out = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++)
    out.push(Number((at * step).toPrecision(10)));
  return out;
}

const brief = (value) => (value === null || value === undefined ? '–' : Number(value.toPrecision(4)).toString());

/** `series` are `{ name, values }` with a value (or null) for each of `epochs`. */
export function chart({ title, epochs, series }) {
  const said = h('output', { class: 'chart-said', 'aria-hidden': 'true' }, '\u00a0');
  const frame = h('div', { class: 'chart-frame' });
  // In the pixels that there are, so that its words have the size of others.
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.round(frame.clientWidth);
    if (!width || width === drawn) return;
    drawn = width;
    frame.replaceChildren(picture({ epochs, series }, width, said));
  }).observe(frame);
  return h(
    'figure',
    { class: 'curves' },
    h('figcaption', null, `${title} by epoch`),
    frame,
    said,
    h(
      'details',
      null,
      h('summary', null, 'As a table'),
      h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `${title}, as a table` },
        h(
          'table',
          null,
          h(
            'thead',
            null,
            h(
              'tr',
              null,
              h('th', { scope: 'col' }, 'Epoch'),
              series.map(({ name }) => h('th', { scope: 'col' }, name)),
            ),
          ),
          h(
            'tbody',
            null,
            epochs.map((epoch, at) =>
              h(
                'tr',
                null,
                h('th', { scope: 'row' }, String(epoch)),
                series.map(({ values }) => h('td', { class: 'number' }, brief(values[at]))),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

function picture({ epochs, series }, width, said) {
  const all = series.flatMap(({ values }) => values).filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  const [bottom, top] = [low - room, high + room];
  const x = (at) => LEFT + (epochs.length > 1 ? at / (epochs.length - 1) : 0.5) * (width - LEFT - RIGHT);
  const y = (value) => HEIGHT - BOTTOM - ((value - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM);
  const places = ticks(1, epochs.length, width < 420 ? 4 : 8).filter(Number.isInteger);
  const ends = series
    .map(({ name, values }, at) => ({ name, at, y: y(values.findLast(Number.isFinite)) }))
    .sort((a, b) => a.y - b.y);
  // Names must not cover each other.
  ends.forEach((end, at) => (end.y = at ? Math.max(end.y, ends[at - 1].y + 17) : end.y));
  const cursor = svg('line', { y1: TOP, y2: HEIGHT - BOTTOM, class: 'cursor', visibility: 'hidden' });
  const dots = series.map((_, at) => svg('circle', { r: 4, class: `series-${at} dot`, visibility: 'hidden' }));
  const drawing = svg(
    'svg',
    { viewBox: `0 0 ${width} ${HEIGHT}`, class: 'chart', 'aria-hidden': 'true' },
    ticks(bottom, top, 5).map((value) =>
      svg(
        'g',
        null,
        svg('line', { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value), class: 'grid' }),
        svg('text', { x: LEFT - 8, y: y(value) + 4, class: 'end' }, brief(value)),
      ),
    ),
    places.map((epoch) => svg('text', { x: x(epoch - 1), y: HEIGHT - BOTTOM + 18, class: 'middle' }, epochs[epoch - 1])),
    series.map(({ values }, at) => svg('path', { class: `series-${at}`, d: path(values, x, y) })),
    series.map(
      ({ values }, at) =>
        values.filter(Number.isFinite).length === 1 &&
        svg('circle', {
          r: 3.5,
          class: `series-${at} dot`,
          cx: x(values.findIndex(Number.isFinite)),
          cy: y(values.find(Number.isFinite)),
        }),
    ),
    ends.map(({ name, at, y: to }) => svg('text', { x: width - RIGHT + 8, y: to + 4, class: `series-${at} name` }, name)),
    cursor,
    dots,
  );
  drawing.addEventListener('pointermove', (event) => {
    const { left } = drawing.getBoundingClientRect();
    const part = (event.clientX - left - LEFT) / (width - LEFT - RIGHT);
    const at = Math.min(epochs.length - 1, Math.max(0, Math.round(part * (epochs.length - 1))));
    cursor.setAttribute('visibility', 'visible');
    cursor.setAttribute('x1', x(at));
    cursor.setAttribute('x2', x(at));
    series.forEach(({ values }, of) => {
      const known = Number.isFinite(values[at]);
      dots[of].setAttribute('visibility', known ? 'visible' : 'hidden');
      if (!known) return;
      dots[of].setAttribute('cx', x(at));
      dots[of].setAttribute('cy', y(values[at]));
    });
    said.textContent = `Epoch ${epochs[at]}: ${series.map(({ name, values }) => `${name} ${brief(values[at])}`).join(', ')}`;
  });
  drawing.addEventListener('pointerleave', () => {
    for (const one of [cursor, ...dots]) one.setAttribute('visibility', 'hidden');
    said.textContent = '\u00a0';
  });
  return drawing;
}

function path(values, x, y) {
  let pen = 'M';
  let out = '';
  values.forEach((value, at) => {
    if (!Number.isFinite(value)) {
      pen = 'M';
      return;
    }
    out += `${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = 'L';
  });
  return out;
}
