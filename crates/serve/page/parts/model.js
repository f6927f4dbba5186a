// The model: what it is, how it was trained, and how well it did.

import { byId, failure, ghosts, h, whole } from './dom.js';
import { chart } from './chart.js';

const words = (name) => {
  const spaced = name.replaceAll('_', ' ').replace(/\b(rmse|mae|mse|ndcg|mrr|auc|map)\b/g, (short) => short.toUpperCase());
  return spaced[0].toUpperCase() + spaced.slice(1);
};

/** The layers of a printed summary, whose table is in Markdown; null if it is printed otherwise. */
export function layers(summary) {
  const lines = summary.split('\n').filter((line) => line.startsWith('|'));
  const cells = lines.filter((line) => !/^\|[-\s|:]+\|$/.test(line)).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
  if (cells.length < 2 || cells.some((line) => line.length !== cells[0].length)) return null;
  return { head: cells[0], rows: cells.slice(1), rest: summary.split('\n').filter((line) => line.trim() && !line.startsWith('|')) };
}

function summarySection(summary) {
  const read = layers(summary);
  const shown = read
    ? [h('table', null,
      h('thead', null, h('tr', null, read.head.map((cell) => h('th', { scope: 'col' }, cell)))),
      h('tbody', null, read.rows.map((row) => h('tr', null, row.map((cell, at) =>
        h(at ? 'td' : 'th', { scope: at ? undefined : 'row', class: /^[\d,]+$/.test(cell) ? 'number' : undefined }, cell))))))]
    : [h('pre', null, summary)];
  return h('section', { class: 'card wide' }, h('h3', null, 'Layers'),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Layers' }, shown),
    read && h('p', { class: 'hint' }, read.rest.filter((line) => line.startsWith('Total')).join(' ')));
}

const plain = (value) => {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'number') return Number.isInteger(value) ? whole(value) : Number(value.toPrecision(5)).toString();
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.every((one) => typeof one !== 'object') ? value.join(', ') : value.map((one) => plain(one)).join('; ');
  if (typeof value === 'object') return Object.entries(value).map(([name, one]) => `${name.replaceAll('_', ' ')} ${plain(one)}`).join(', ');
  return String(value);
};

function factList(entries) {
  return h('dl', { class: 'pairs' }, entries.map(([name, value]) => {
    const said = plain(value);
    return said === null ? null : h('div', null, h('dt', null, words(name)), h('dd', null, said));
  }));
}

/** Losses together, and each further measure by itself. `curves` is a list of epochs, or lists by name. */
export function plots(curves) {
  if (!curves) return [];
  const byName = Array.isArray(curves)
    ? Object.fromEntries([...new Set(curves.flatMap(Object.keys))].map((name) => [name, curves.map((epoch) => epoch[name])]))
    : curves;
  const names = Object.keys(byName).filter((name) => Array.isArray(byName[name]) && byName[name].some(Number.isFinite));
  const count = Math.max(0, ...names.map((name) => byName[name].length));
  const epochs = byName.epoch ?? Array.from({ length: count }, (_, at) => at + 1);
  const skipped = /^(epoch|seconds|ratings_per_second|learning_rate|.*penalty)$/;
  const measured = names.filter((name) => !skipped.test(name));
  const losses = measured.filter((name) => /loss/.test(name));
  const series = (name) => ({ name: name.replace(/_?loss/, '').replaceAll('_', ' ').trim() || 'loss', values: byName[name] });
  const out = losses.length ? [{ title: 'Loss', epochs, series: losses.map(series) }] : [];
  for (const name of measured.filter((one) => !losses.includes(one))) {
    out.push({ title: words(name), epochs, series: [{ name: name.replaceAll('_', ' '), values: byName[name] }] });
  }
  return out;
}

function diagramSection(diagram) {
  // As a picture it cannot run anything, whatever is in it.
  const source = diagram.startsWith('data:') ? diagram : `data:image/svg+xml,${encodeURIComponent(diagram)}`;
  return h('section', { class: 'card' }, h('h3', null, 'Diagram'), h('div', { class: 'diagram' }, h('img', { src: source, alt: 'The layers and what flows between them; the table of layers says the same.' })));
}

/** Two cards in a row; an odd one at the end has the row to itself. */
function halves(given) {
  const cards = given.filter(Boolean);
  cards.forEach((card, at) => card.classList.add(at === cards.length - 1 && at % 2 === 0 ? 'wide' : 'half'));
  return cards;
}

function draw(model) {
  const metrics = model.metrics ?? model.result_card?.metrics ?? model.card?.metrics;
  const card = model.result_card ?? model.card;
  const scale = model.scale ? `${model.scale.min} to ${model.scale.max}` : null;
  return [
    h('header', { class: 'item-head' },
      h('h2', null, model.name ?? model.architecture ?? 'Model'),
      h('dl', { class: 'facts' },
        [['Users', model.users], ['Items', model.items], ['Ratings', model.ratings], ['Parameters', model.parameters]]
          .filter(([, value]) => Number.isFinite(value)).map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, whole(value)))),
        scale && h('div', null, h('dt', null, 'Scale'), h('dd', null, scale)))),
    h('div', { class: 'cards' },
      metrics && h('section', { class: 'card' }, h('h3', null, 'Results'), factList(Object.entries(metrics))),
      card && card !== metrics && typeof card === 'object' && h('section', { class: 'card' }, h('h3', null, 'Result card'),
        factList(Object.entries(card).filter(([name]) => name !== 'metrics'))),
      model.training && typeof model.training === 'object' && h('section', { class: 'card' }, h('h3', null, 'Training'), factList(Object.entries(model.training))),
      h('section', { class: 'card' }, h('h3', null, 'Identity'), factList([
        ['architecture', model.architecture], ['created', model.created], ['digest', model.digest], ['scores', model.scores === 'order' ? 'an order, not ratings' : model.scores],
        ['backend', model.backend], ['version', model.version],
      ])),
      halves([...plots(model.curves).map((plot) => h('section', { class: 'card' }, chart(plot))), model.diagram && diagramSection(model.diagram)]),
      model.summary && summarySection(model.summary)),
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
