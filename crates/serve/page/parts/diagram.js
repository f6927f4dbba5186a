// The diagram of a network: Mermaid's text, as `Graph::mermaid` writes it, drawn in layers from the ids down.

import { h, svg } from './dom.js';

const HIGH = 58;
const ACROSS = 18;
const DOWN = 40;
const MERGES = /^(Dot|Add|Sum|Multiply|Concat|Pairwise)/;
const LEARNT = /^(Embedding|Dense|Bias|Pool|BatchNorm|LayerNorm|Positions|Attention)/;

/** Nodes `{ id, lines, round }` and edges `[from, to]` between them. */
export function flowchart(text) {
  const nodes = [];
  const edges = [];
  for (const line of text.split('\n')) {
    const node = /^\s*(\w+)(\(\[|\[)"(.*)"(?:\]\)|\])\s*$/.exec(line);
    const edge = /^\s*(\w+) --> (\w+)\s*$/.exec(line);
    if (node) nodes.push({ id: node[1], lines: node[3].split('<br/>'), round: node[2] === '([' });
    else if (edge) edges.push([edge[1], edge[2]]);
  }
  const known = new Set(nodes.map(({ id }) => id));
  return { nodes, edges: edges.filter((ends) => ends.every((id) => known.has(id))) };
}

/** Each node in the layer after its last source; within a layer by the middle of its sources, then of its targets. */
function place({ nodes, edges }) {
  const byId_ = new Map(nodes.map((node) => [node.id, Object.assign(node, { layer: 0, from: [], to: [] })]));
  for (const [from, to] of edges) {
    byId_.get(from).to.push(byId_.get(to));
    byId_.get(to).from.push(byId_.get(from));
  }
  // Nodes come after their sources.
  for (const node of nodes) node.layer = node.from.reduce((most, one) => Math.max(most, one.layer + 1), 0);
  const layers = [];
  for (const node of nodes) {
    node.wide = Math.max(84, ...node.lines.map((line, at) => line.length * (at ? 6.3 : 7.7) + 26));
    (layers[node.layer] ??= []).push(node);
  }
  // What nothing leads to is right above what it leads to.
  for (const node of [...nodes].reverse()) {
    if (node.from.length || !node.to.length) continue;
    const layer = Math.min(...node.to.map((one) => one.layer)) - 1;
    layers[node.layer] = layers[node.layer].filter((one) => one !== node);
    (layers[layer] ??= []).push(Object.assign(node, { layer }));
  }
  layers.forEach((row) => row.sort((a, b) => nodes.indexOf(a) - nodes.indexOf(b)));
  // An arrow over several layers has a place in each of them, so that it goes around what is there.
  for (const edge of edges) {
    const [from, to] = edge.splice(0, 2).map((id) => byId_.get(id));
    edge.push(from);
    for (let at = from.layer + 1, last = from; at <= to.layer; at++) {
      const next = at === to.layer ? to : { layer: at, wide: 8, from: [], to: [], lines: [] };
      if (last !== from || next !== to) {
        last.to = last.to.map((one) => (one === to ? next : one));
        if (next === to) to.from = to.from.map((one) => (one === from ? last : one));
        else [next.from, next.to] = [[last], [to]];
      }
      if (next !== to) layers[at].push(next);
      edge.push(next);
      last = next;
    }
  }
  const width = Math.max(...layers.map((row) => row.reduce((sum, { wide }) => sum + wide + ACROSS, -ACROSS)));
  const middle = (list, otherwise) =>
    list.length ? list.reduce((sum, one) => sum + one.x + one.wide / 2, 0) / list.length : otherwise;
  const spread = (row, wanted) => {
    const order = row.map((node, at) => [wanted(node, at), node]).sort((a, b) => a[0] - b[0]);
    row.splice(0, row.length, ...order.map(([, node]) => node));
    // Each where it is drawn to, as far as its left neighbour lets it; then back from the right edge.
    let left = 0;
    order.forEach(([at, node]) => {
      node.x = Math.max(left, at - node.wide / 2);
      left = node.x + node.wide + ACROSS;
    });
    let right = width;
    for (const node of [...row].reverse()) {
      node.x = Math.max(0, Math.min(node.x, right - node.wide));
      right = node.x - ACROSS;
    }
  };
  layers.forEach((row) => spread(row, (node, at) => middle(node.from, ((at + 0.5) / row.length) * width)));
  for (let sweep = 0; sweep < 3; sweep++) {
    [...layers].reverse().forEach((row) => spread(row, (node) => middle(node.to, node.x + node.wide / 2)));
    layers.forEach((row) => spread(row, (node) => middle(node.from, node.x + node.wide / 2)));
  }
  layers.forEach((row, at) => row.forEach((node) => (node.y = at * (HIGH + DOWN))));
  return { width, height: layers.length * (HIGH + DOWN) - DOWN };
}

export function diagram(text) {
  const read = flowchart(text);
  if (!read.nodes.length) return null;
  const { width, height } = place(read);
  const kind = (what) => (MERGES.test(what) ? 'merge' : LEARNT.test(what) ? 'learnt' : 'plain');
  const boxes = read.nodes.map(({ x, y, wide, lines: [name, ...rest], round }) =>
    svg(
      'g',
      { class: `node ${kind(rest[0] ?? '')}` },
      svg('rect', { x: x + 0.5, y: y + 0.5, width: wide - 1, height: HIGH - 1, rx: round ? HIGH / 2 : 9 }),
      svg('text', { x: x + wide / 2, y: y + 19, class: 'node-name' }, name),
      rest.map((line, at) => svg('text', { x: x + wide / 2, y: y + 34 + 14 * at }, line)),
    ),
  );
  const arrows = read.edges.map((stops) => {
    const middle = ({ x, wide }) => x + wide / 2;
    let line = `M${middle(stops[0])} ${stops[0].y + HIGH}`;
    for (const [at, next] of stops.slice(1).entries()) {
      const [from, top] = [stops[at], next.y - (next.id ? 7 : 0)];
      const bend = (next.y - from.y - HIGH) / 2;
      line += `C${middle(from)} ${from.y + HIGH + bend} ${middle(next)} ${top - bend} ${middle(next)} ${top}`;
      if (!next.id) line += `V${next.y + HIGH}`;
    }
    const [x, y] = [middle(stops.at(-1)), stops.at(-1).y - 1];
    return svg(
      'g',
      null,
      svg('path', { d: line, class: 'arrow' }),
      svg('path', { d: `M${x - 4} ${y - 8}L${x} ${y}L${x + 4} ${y - 8}z`, class: 'head' }),
    );
  });
  return h(
    'div',
    { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': 'Diagram' },
    svg(
      'svg',
      {
        class: 'diagram',
        role: 'img',
        'aria-label': 'The layers and what flows between them; the table of layers says the same.',
        viewBox: `-2 -2 ${width + 4} ${height + 4}`,
        width: width + 4,
        height: height + 4,
      },
      arrows,
      boxes,
    ),
  );
}
