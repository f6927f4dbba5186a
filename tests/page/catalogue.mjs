// A made-up catalogue: invented films, people with planted tastes, and a model that has learnt about half of them. It is the
// document that an exported page holds, so that the mock of the service and the exported page have one source. The same
// numbers everywhere: nothing is drawn but from the generator below.

import { cholesky, solve } from '../../crates/serve/page/parts/fold.js';

const FILMS = 900;
const PEOPLE = 610;
const WIDTH = 12;
const CENTRE = 3.5;
const NOISE = 0.74;

const GENRES = ['Action', 'Adventure', 'Animation', 'Comedy', 'Crime', 'Documentary', 'Drama', 'Fantasy', 'Mystery', 'Romance', 'Sci-Fi', 'Thriller', 'Western'];
const WEIGHTS = [14, 11, 6, 30, 11, 5, 38, 7, 7, 15, 11, 17, 3];
const ADJECTIVES = 'Amber Borrowed Brazen Candid Careful Clever Copper Crooked Distant Eager Early Electric Endless Fearless Forgotten Gentle Gilded Hidden Hollow Idle Invisible Ivory Lonely Lucky Midnight Modest Narrow Northern Paper Patient Quiet Radiant Restless Rusty Scarlet Second Silver Sleeping Stubborn Sudden Tender Unseen Velvet Wandering Winter Wooden'.split(' ');
const NOUNS = 'Anchor Archer Avenue Ballad Beacon Border Caravan Carnival Cartographer Circus Clockmaker Comet Compass Corridor Courier Curtain Detective Diary Echo Engine Expedition Falcon Festival Fountain Frontier Gardener Harbour Horizon Hotel Island Juggler Lagoon Lantern Letter Librarian Lighthouse Lullaby Machine Meadow Mirror Oath Observatory Orchard Orchestra Painter Parade Pilot Planet Postman Promise Railway River Sailor Serenade Shadow Signal Stranger Summer Theatre Tower Traveller Valley Voyage Weaver'.split(' ');
const PLACES = 'Alder Street|the Salt Coast|Marrow Bay|the Long Valley|Saint Odile|Low Harbour|the Seventh Floor|Winterbourne|the Glass Hills|Port Ember'.split('|');

/** Mulberry32: small, and the same everywhere. */
function generator(seed) {
  let state = seed;
  const unit = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const gaussian = () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  const below = (count) => Math.floor(unit() * count);
  return { unit, gaussian, below, vector: (scale) => Array.from({ length: WIDTH }, () => scale * gaussian()) };
}

function title(random, used) {
  const pick = (list) => list[random.below(list.length)];
  for (;;) {
    const kind = random.below(10);
    let name = `${pick(ADJECTIVES)} ${pick(NOUNS)}, The`;
    if (kind < 2) name = `${pick(NOUNS)}, The`;
    else if (kind < 4) name = `${pick(ADJECTIVES)} ${pick(NOUNS)}`;
    else if (kind === 4) name = `${pick(NOUNS)} of ${pick(PLACES)}, The`;
    else if (kind === 5) name = `${pick(NOUNS)} and the ${pick(NOUNS)}, The`;
    if (used.has(name)) continue;
    used.add(name);
    return `${name} (${1948 + Math.max(random.below(72), random.below(72))})`;
  }
}

function genresOf(random) {
  const count = [1, 2, 2, 2, 3][random.below(5)];
  const all = WEIGHTS.reduce((a, b) => a + b);
  const chosen = new Set();
  while (chosen.size < count) {
    let drawn = random.below(all);
    chosen.add(WEIGHTS.findIndex((weight) => (drawn -= weight) < 0));
  }
  return [...chosen].sort((a, b) => a - b);
}

const dot = (a, b) => a.reduce((sum, x, at) => sum + x * b[at], 0);
const base64 = (array) => Buffer.from(array.buffer).toString('base64');

function priorOf(rows) {
  const size = rows[0].length;
  const mean = new Float64Array(size);
  for (const row of rows) row.forEach((x, at) => (mean[at] += x / rows.length));
  const covariance = new Float64Array(size * size);
  for (const row of rows) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        covariance[i * size + j] += ((i === j ? 1 : 0.9) * (row[i] - mean[i]) * (row[j] - mean[j])) / rows.length;
      }
    }
  }
  const root = cholesky(covariance, size);
  const precision = new Float64Array(size * size);
  for (let at = 0; at < size; at++) {
    const unit = new Float64Array(size);
    unit[at] = NOISE;
    precision.set(solve(root, unit), at * size);
  }
  return { mean, precision };
}

/** Ratings of the people: counts by film and by star. */
function histograms(random, films, people) {
  const order = films.map((_, at) => at).sort((a, b) => films[b].fame - films[a].fame);
  const shares = order.map((_, rank) => 1 / (rank + 25));
  const ends = [];
  shares.reduce((sum, share) => (ends.push(sum + share), sum + share), 0);
  const counts = films.map(() => new Array(10).fill(0));
  for (const person of people) {
    const seen = new Set();
    const many = 20 + Math.floor(90 * random.unit() ** 3 + 40 * random.unit());
    while (seen.size < many) {
      const drawn = random.unit() * ends.at(-1);
      seen.add(order[ends.findIndex((end) => end > drawn)]);
    }
    for (const at of seen) {
      const { taste, bias } = films[at];
      const rating = CENTRE + bias + person.at(-1) + dot(taste, person) + 0.8 * random.gaussian();
      counts[at][Math.min(9, Math.max(0, Math.round(2 * rating) - 1))] += 1;
    }
  }
  return counts;
}

const curves = Array.from({ length: 20 }, (_, at) => ({
  epoch: at + 1,
  train_loss: Number((0.66 + 0.52 * Math.exp(-at / 3.2) - 0.0025 * at).toFixed(4)),
  valid_loss: Number((0.768 + 0.4 * Math.exp(-at / 2.6) + 0.000018 * at * at).toFixed(4)),
  rmse: Number(Math.sqrt(0.768 + 0.4 * Math.exp(-at / 2.6)).toFixed(4)),
}));

function summaryOf(parameters) {
  const lines = [
    ['Layer (type)', 'Output shape', 'Parameters', 'Connected to'],
    ['user (Input)', '[batch]', 0, '-'],
    ['user_factors (Embedding)', `[batch, ${WIDTH}]`, PEOPLE * WIDTH, 'user'],
    ['item (Input)', '[batch]', 0, '-'],
    ['item_factors (Embedding)', `[batch, ${WIDTH}]`, FILMS * WIDTH, 'item'],
    ['affinity (Dot)', '[batch, 1]', 0, 'user_factors, item_factors'],
    ['user_bias (Embedding)', '[batch, 1]', PEOPLE, 'user'],
    ['item_bias (Embedding)', '[batch, 1]', FILMS, 'item'],
    ['score (Add)', '[batch, 1]', 0, 'affinity, user_bias, item_bias'],
  ];
  const shown = lines.map((line) => `| ${line.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)).join(' | ')} |`);
  return ['Model: biased_mf', shown[0], '|---|---|---|---|', ...shown.slice(1), `Total parameters: ${parameters.toLocaleString('en')}`].join('\n');
}

function diagram() {
  const box = (x, y, words, fill, line) => `<rect x="${x}" y="${y}" width="130" height="40" rx="8" fill="${fill}" stroke="${line}"/><text x="${x + 65}" y="${y + 25}" text-anchor="middle">${words}</text>`;
  const arrow = (x1, y1, x2, y2) => `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="#777" fill="none" marker-end="url(#a)"/>`;
  const [blue, orange] = [['#dcebf7', '#0072b2'], ['#fdf0d5', '#b87a00']];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="620" height="300" viewBox="0 0 620 300" font-family="sans-serif" font-size="14"><defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="#777"/></marker></defs>${
    box(85, 10, 'user', '#fff', '#333')}${box(405, 10, 'item', '#fff', '#333')}${
    box(5, 100, 'user_bias', ...blue)}${box(165, 100, 'user_factors', ...blue)}${box(325, 100, 'item_factors', ...blue)}${box(485, 100, 'item_bias', ...blue)}${
    box(245, 180, 'affinity', ...orange)}${box(245, 250, 'score', ...orange)}${
    arrow(140, 50, 80, 98)}${arrow(160, 50, 220, 98)}${arrow(460, 50, 400, 98)}${arrow(480, 50, 540, 98)}${
    arrow(230, 140, 290, 178)}${arrow(390, 140, 330, 178)}${arrow(310, 220, 310, 248)}${arrow(70, 140, 245, 262)}${arrow(550, 140, 375, 262)}</svg>`;
}

export function catalogue() {
  const random = generator(1998);
  const centres = GENRES.map(() => random.vector(0.34));
  const used = new Set();
  const films = Array.from({ length: FILMS }, () => {
    const genres = genresOf(random);
    const own = random.vector(0.16);
    const taste = own.map((x, at) => x + genres.reduce((sum, genre) => sum + centres[genre][at], 0) / genres.length ** 0.7);
    const bias = 0.24 * random.gaussian();
    return { title: title(random, used), genres, taste, bias, fame: random.gaussian() + 0.8 * bias };
  });
  const people = Array.from({ length: PEOPLE }, () => [...random.vector(0.8), 0.38 * random.gaussian()]);
  const counts = histograms(random, films, people);
  const { mean, precision } = priorOf(people);
  const ratings = counts.map((bars) => bars.reduce((a, b) => a + b));
  const means = counts.map((bars, at) => (ratings[at] ? bars.reduce((sum, count, star) => sum + (count * (star + 1)) / 2, 0) / ratings[at] : null));
  const parameters = PEOPLE * (WIDTH + 1) + FILMS * (WIDTH + 1);
  return {
    format: 1,
    model: {
      name: 'films', architecture: 'biased_mf', digest: '3f9c2ab1', created: '2026-03-14T09:26:53Z', scores: 'ratings',
      users: PEOPLE, items: FILMS, ratings: ratings.reduce((a, b) => a + b), parameters, min_ratings: 5,
      scale: { min: 0.5, max: 5, values: Array.from({ length: 10 }, (_, at) => (at + 1) / 2) },
      training: { data: 'made up', loss: 'mse', rule: 'Adam', learning_rate: 0.001, batch: 64, epochs: 20, split: 'mask:0.8', seed: 42 },
      metrics: { rmse: 0.8764, mae: 0.6731, rmse_clipped: 0.8752 },
      curves, summary: summaryOf(parameters), diagram: diagram(),
    },
    genres: GENRES,
    items: films.map(({ title: name, genres }, at) => [String(1000 + 7 * at), name, genres, ratings[at], means[at]]),
    histograms: counts,
    factors: {
      table: 'item_factors', width: WIDTH, centre: CENTRE, user_bias: true,
      items: base64(Float32Array.from(films.flatMap(({ taste }) => taste))),
      item_bias: base64(Float32Array.from(films, ({ bias }) => bias)),
    },
    prior: { mean: base64(mean), precision: base64(precision) },
  };
}
