// The model: what it is, how it was trained, and how well it did.

import { byId, failure, ghosts, h, whole } from './dom.js';
import { chart } from './chart.js';
import { diagram } from './diagram.js';
import { resultCard, words } from './results.js';

/** The layers of a printed summary, whose table is in Markdown; null if it is printed otherwise. */
export function layers(summary) {
  const lines = summary.split('\n').filter((line) => line.startsWith('|'));
  const cells = lines
    .filter((line) => !/^\|[-\s|:]+\|$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  if (cells.length < 2 || cells.some((line) => line.length !== cells[0].length)) return null;
  return {
    head: cells[0],
    rows: cells.slice(1),
    rest: summary.split('\n').filter((line) => line.trim() && !line.startsWith('|')),
  };
}

function summarySection(summary) {
  const read = layers(summary);
  const shown = read
    ? [
        h(
          'table',
          null,
          h(
            'thead',
            null,
            h(
              'tr',
              null,
              read.head.map((cell) => h('th', { scope: 'col' }, cell)),
            ),
          ),
          h(
            'tbody',
            null,
            read.rows.map((row) =>
              h(
                'tr',
                null,
                row.map((cell, at) =>
                  h(
                    at ? 'td' : 'th',
                    { scope: at ? undefined : 'row', class: /^[\d,]+$/.test(cell) ? 'number' : undefined },
                    cell,
                  ),
                ),
              ),
            ),
          ),
        ),
      ]
    : [h('pre', null, summary)];
  return h(
    'section',
    { class: 'card wide' },
    h('h3', null, 'Layers'),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Layers' }, shown),
    read && h('p', { class: 'hint' }, read.rest.filter((line) => line.startsWith('Total')).join(' ')),
  );
}

const plain = (value) => {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'number') return Number.isInteger(value) ? whole(value) : Number(value.toPrecision(5)).toString();
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(plain).filter(Boolean).join('; ') || null;
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, one]) => `${name.replaceAll('_', ' ')} ${plain(one) ?? '–'}`)
      .join(', ');
  return String(value);
};

function factCard(title, entries) {
  const said = entries.map(([name, value]) => [name, plain(value)]).filter(([, value]) => value !== null);
  if (!said.length) return null;
  return h(
    'section',
    { class: 'card' },
    h('h3', null, title),
    h(
      'dl',
      { class: 'pairs' },
      said.map(([name, value]) => h('div', null, h('dt', null, words(name)), h('dd', null, value))),
    ),
  );
}

/**
 * The curves of a history, an epoch each: `{ epoch, train: { loss, ... }, valid: { loss, ... } or null, ... }`. A plot for each
 * measure, with a line for each part that has it.
 */
export function plots(history) {
  if (!Array.isArray(history) || !history.length) return [];
  const epochs = history.map(({ epoch }, at) => epoch ?? at + 1);
  const names = [...new Set(history.flatMap(({ train, valid }) => Object.keys({ ...train, ...valid })))];
  return names
    .map((name) => {
      const series = ['train', 'valid'].map((part) => ({
        name: part,
        values: history.map((epoch) => epoch[part]?.[name] ?? null),
      }));
      return { title: words(name), epochs, series: series.filter(({ values }) => values.some(Number.isFinite)) };
    })
    .filter(({ series }) => series.length);
}

const date = (seconds) =>
  Number.isFinite(seconds)
    ? new Date(seconds * 1000)
        .toISOString()
        .replace('T', ' ')
        .replace(/:\d\d\.\d+Z$/, ' UTC')
    : seconds;

function draw(model) {
  const { training: settings, options, ...rest } = model.training ?? {};
  const fact = (name, value) =>
    value === null || value === undefined ? null : h('div', null, h('dt', null, name), h('dd', null, value));
  const count = (name, value) => fact(name, Number.isFinite(value) ? whole(value) : null);
  const results = resultCard(model.report, model.name ?? model.architecture);
  const drawn = model.diagram ? diagram(model.diagram) : null;
  const wide = [...plots(model.curves).map((plot) => h('section', { class: 'card half' }, chart(plot)))];
  if (results) wide.unshift(results);
  if (wide.length % 2) wide.at(-1).classList.replace('half', 'wide');
  return [
    h(
      'header',
      { class: 'item-head' },
      h('h2', null, model.name ?? model.architecture ?? 'Model'),
      h(
        'dl',
        { class: 'facts' },
        count('Users', model.users),
        count('Items', model.items),
        count('Ratings', model.ratings),
        count('Parameters', model.parameters),
        model.scale && fact('Scale', `${model.scale.min} to ${model.scale.max}`),
      ),
    ),
    h(
      'div',
      { class: 'cards' },
      wide,
      factCard('Identity', [
        ['architecture', model.architecture],
        ['created', date(model.created)],
        ['digest', model.digest],
        ['scores', model.scores === 'order' ? 'an order, not ratings' : model.scores],
        ['tables', model.tables?.join(', ')],
        ['digests of all files', model.verified === undefined ? null : model.verified ? 'checked' : 'not recorded'],
      ]),
      factCard(
        'Training',
        Object.entries({ ...(settings ?? {}), ...rest }).filter(([name]) => name !== 'model'),
      ),
      factCard('Options', Object.entries(options ?? {})),
      drawn && h('section', { class: 'card wide' }, h('h3', null, 'Diagram'), drawn),
      model.summary && summarySection(model.summary),
    ),
  ];
}

export function modelPanel(app) {
  const panel = byId('panel-model');
  let loaded = false;
  const show = async () => {
    if (loaded) return;
    loaded = true;
    panel.replaceChildren(h('ol', { class: 'lines' }, ghosts(6)));
    try {
      panel.replaceChildren(...draw(await app.source.model()));
    } catch (error) {
      loaded = false;
      panel.replaceChildren(failure(error, show));
    }
  };
  return show;
}
