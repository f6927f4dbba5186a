// A made-up catalogue: invented films, people with planted tastes, and a model that has learnt about half of them. It is the
// document that an exported page holds, so that the mock of the service and the exported page have one source. The same
// numbers everywhere: nothing is drawn but from the generator below.

import { cholesky, solve } from '../../crates/serve/page/parts/fold.js';

const FILMS = 900;
const PEOPLE = 610;
const WIDTH = 12;
const CENTRE = 3.5;
const NOISE = 0.74;

const GENRES = [
  'Action',
  'Adventure',
  'Animation',
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Fantasy',
  'Mystery',
  'Romance',
  'Sci-Fi',
  'Thriller',
  'Western',
];
const WEIGHTS = [14, 11, 6, 30, 11, 5, 38, 7, 7, 15, 11, 17, 3];
const ADJECTIVES =
  'Amber Borrowed Brazen Candid Careful Clever Copper Crooked Distant Eager Early Electric Endless Fearless Forgotten Gentle Gilded Hidden Hollow Idle Invisible Ivory Lonely Lucky Midnight Modest Narrow Northern Paper Patient Quiet Radiant Restless Rusty Scarlet Second Silver Sleeping Stubborn Sudden Tender Unseen Velvet Wandering Winter Wooden'.split(
    ' ',
  );
const NOUNS =
  'Anchor Archer Avenue Ballad Beacon Border Caravan Carnival Cartographer Circus Clockmaker Comet Compass Corridor Courier Curtain Detective Diary Echo Engine Expedition Falcon Festival Fountain Frontier Gardener Harbour Horizon Hotel Island Juggler Lagoon Lantern Letter Librarian Lighthouse Lullaby Machine Meadow Mirror Oath Observatory Orchard Orchestra Painter Parade Pilot Planet Postman Promise Railway River Sailor Serenade Shadow Signal Stranger Summer Theatre Tower Traveller Valley Voyage Weaver'.split(
    ' ',
  );
const PLACES =
  'Alder Street|the Salt Coast|Marrow Bay|the Long Valley|Saint Odile|Low Harbour|the Seventh Floor|Winterbourne|the Glass Hills|Port Ember'.split(
    '|',
  );

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

const falling = (at, from, by, over) => Number((from + by * Math.exp(-at / over)).toFixed(4));
const history = Array.from({ length: 20 }, (_, at) => {
  const loss = falling(at, 0.768, 0.4, 2.6);
  return {
    epoch: at + 1,
    learning_rate: 0.001,
    train: { loss: Number((falling(at, 0.66, 0.52, 3.2) - 0.0025 * at).toFixed(4)) },
    valid: { loss, rmse: Number(Math.sqrt(loss).toFixed(4)), mae: Number((0.768 * Math.sqrt(loss)).toFixed(4)) },
    penalty: 0.031,
    seconds: 0.21,
    ratings_per_second: 180_000,
  };
});

const report = {
  metrics: { mse: 0.7681, rmse: 0.8764, mae: 0.6731, mae_rounded: 0.6502, rmse_clipped: 0.8752, mae_clipped: 0.6718 },
  baselines: {
    mean: { rmse: 1.0713, mae: 0.8512 },
    user_mean: { rmse: 1.0021, mae: 0.7866 },
    item_mean: { rmse: 0.9874, mae: 0.7703 },
    biases: { rmse: 0.9126, mae: 0.7044 },
  },
  ranking: null,
  popularity: null,
  test: null,
  test_ranking: null,
};

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
  const shown = lines.map(
    (line) => `| ${line.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)).join(' | ')} |`,
  );
  return [
    'Model: biased_mf',
    shown[0],
    '|---|---|---|---|',
    ...shown.slice(1),
    `Total parameters: ${parameters.toLocaleString('en')}`,
  ].join('\n');
}

const DIAGRAM = `flowchart TD
    n0(["user<br/>Input ${PEOPLE} rows<br/>[batch]"])
    n1["user_factors<br/>Embedding ${WIDTH} l2 0.0001<br/>[batch, ${WIDTH}]"]
    n2(["item<br/>Input ${FILMS} rows<br/>[batch]"])
    n3["item_factors<br/>Embedding ${WIDTH} l2 0.0001<br/>[batch, ${WIDTH}]"]
    n4["affinity<br/>Dot<br/>[batch, 1]"]
    n5["user_bias<br/>Embedding 1<br/>[batch, 1]"]
    n6["item_bias<br/>Embedding 1<br/>[batch, 1]"]
    n7["score<br/>Add<br/>[batch, 1]"]
    n0 --> n1
    n2 --> n3
    n1 --> n4
    n3 --> n4
    n0 --> n5
    n2 --> n6
    n4 --> n7
    n5 --> n7
    n6 --> n7
`;

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
  const means = counts.map((bars, at) =>
    ratings[at] ? bars.reduce((sum, count, star) => sum + (count * (star + 1)) / 2, 0) / ratings[at] : null,
  );
  const parameters = PEOPLE * (WIDTH + 1) + FILMS * (WIDTH + 1);
  const document = {
    format: 1,
    model: {
      name: 'films',
      architecture: 'biased_mf',
      digest: '3f9c2ab1d0774e5c8a616f2b9e3d5a7c',
      created: 1_773_480_413,
      scores: 'ratings',
      verified: true,
      users: PEOPLE,
      items: FILMS,
      ratings: ratings.reduce((a, b) => a + b),
      parameters,
      min_ratings: 5,
      keeps_ratings: true,
      journal: false,
      scale: { min: 0.5, max: 5, step: 0.5, values: Array.from({ length: 10 }, (_, at) => (at + 1) / 2) },
      genres: [...GENRES],
      tables: ['item_factors'],
      training: {
        model: 'biased_mf',
        seed: 42,
        options: { factors: WIDTH, l2: 0.0001, bias_l2: 0 },
        training: {
          data: 'made up',
          loss: 'mse',
          rule: 'adam',
          batch: 64,
          phases: [{ epochs: 20, learning_rate: 0.001 }],
          split: 'mask:0.8',
          centre: true,
        },
      },
      curves: history,
      report,
      summary: summaryOf(parameters),
      diagram: DIAGRAM,
    },
    genres: GENRES,
    items: films.map(({ title: name, genres }, at) => [String(1000 + 7 * at), name, genres, ratings[at], means[at]]),
    histograms: counts,
    factors: {
      table: 'item_factors',
      width: WIDTH,
      centre: CENTRE,
      user_bias: true,
      items: base64(Float32Array.from(films.flatMap(({ taste }) => taste))),
      item_bias: base64(Float32Array.from(films, ({ bias }) => bias)),
    },
    prior: { mean: base64(mean), precision: base64(precision) },
  };
  // The rows of people are no part of a page; the mock answers for users with them.
  return Object.defineProperty(document, 'people', { value: people });
}
