// The data source of an exported page: item vectors and the prior of the rows are in the file itself, and what the service
// would answer is computed here.

import { explain, foldIn, score } from './fold.js';
import { best, folded } from './text.js';
import { project } from './project.js';

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const floats = (text) => new Float32Array(bytes(text).buffer);
const doubles = (text) => new Float64Array(bytes(text).buffer);

/** The model of an embedded document, ready to compute with; see `crates/serve/page/README.md` for the document. */
export function decoded(document) {
  const { factors } = document;
  const model = {
    width: factors.width,
    factors: floats(factors.items),
    bias: factors.item_bias ? floats(factors.item_bias) : null,
    userBias: Boolean(factors.user_bias),
    centre: factors.centre ?? 0,
    link: factors.link ?? null,
    nonNegative: Boolean(factors.non_negative),
    target: factors.target ?? null,
    prior: { mean: doubles(document.prior.mean), precision: doubles(document.prior.precision) },
  };
  const size = model.width + (model.userBias ? 1 : 0);
  const sound =
    model.factors.length === document.items.length * model.width &&
    (!model.bias || model.bias.length === document.items.length) &&
    model.prior.mean.length === size &&
    model.prior.precision.length === size * size;
  if (!sound) throw new Error('The numbers in this file do not belong together: export it again.');
  return model;
}

export class Embedded {
  constructor(document) {
    this.offline = true;
    this.document = document;
    this.factors = decoded(document);
    this.items = document.items.map(([id, title, genres, ratings, mean], row) => ({
      id,
      title: title ?? id,
      genres: (genres ?? []).map((at) => document.genres[at]),
      ratings,
      mean,
      row,
      folded: folded(title ?? id),
    }));
    this.rows = new Map(this.items.map(({ id }, row) => [id, row]));
    this.byRatings = [...this.items].sort((a, b) => b.ratings - a.ratings);
  }

  async model() {
    return this.document.model;
  }

  known(ratings) {
    const unknown = ratings.filter(({ id }) => !this.rows.has(id)).map(({ id }) => id);
    const known = ratings.filter(({ id }) => this.rows.has(id));
    return { unknown, known, rated: known.map(({ id, rating }) => [this.rows.get(id), rating]) };
  }

  clip(rating) {
    const { scale } = this.document.model;
    return this.document.model.scores === 'order' || !scale ? rating : Math.min(scale.max, Math.max(scale.min, rating));
  }

  async recommend({ ratings, count, genre, minRatings, explain: reasons }) {
    const started = performance.now();
    const { unknown, known, rated } = this.known(ratings);
    const folding = foldIn(this.factors, rated);
    const least = minRatings ?? this.document.model.min_ratings ?? 0;
    const seen = new Set(rated.map(([row]) => row));
    const candidates = this.items.filter(
      ({ row, genres, ratings: many }) => many >= least && !seen.has(row) && (!genre || genres.includes(genre)),
    );
    const scored = candidates.map((one) => ({ ...one, rating: score(this.factors, folding.row, one.row) }));
    scored.sort((a, b) => b.rating - a.rating || a.row - b.row);
    const items = scored.slice(0, count).map((one) => ({
      ...one,
      clipped: this.clip(one.rating),
      because: reasons
        ? this.reasons(folding, known, one.row)
            .contributions.filter(({ weight }) => weight > 0)
            .slice(0, reasons)
        : [],
    }));
    const source = rated.length ? 'fold_in' : 'mean';
    return {
      source,
      items,
      unknown,
      minRatings: least,
      leftOut: this.items.filter(({ ratings: many }) => many < least).length,
      milliseconds: performance.now() - started,
    };
  }

  /** The contributions of known ratings to an item, the largest first. */
  reasons(folding, known, row) {
    const { rating, base, exact, weights } = explain(this.factors, folding, row);
    const contributions = known.map(({ id, rating: given }, at) => ({
      id,
      title: this.items[this.rows.get(id)].title,
      rating: given,
      weight: weights[at],
    }));
    contributions.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
    return { rating, base, exact, contributions };
  }

  async explain({ ratings }, id) {
    const { known, rated } = this.known(ratings);
    return this.reasons(foldIn(this.factors, rated), known, this.rows.get(id));
  }

  async popular(count, offset) {
    return this.byRatings.slice(offset, offset + count);
  }

  async search(query, count) {
    return best(query, this.items, count);
  }

  async everything() {
    return this.byRatings;
  }

  async genres() {
    return [...this.document.genres].sort();
  }

  find(id) {
    const row = this.rows.get(id);
    if (row === undefined) throw Object.assign(new Error(`There is no item \`${id}\` in this file.`), { title: 'Not found' });
    return this.items[row];
  }

  async item(id) {
    const found = this.find(id);
    const { bias } = this.factors;
    const counts = this.document.histograms?.[found.row] ?? [];
    const { values = [] } = this.document.model.scale ?? {};
    return {
      ...found,
      bias: bias ? bias[found.row] : undefined,
      histogram: counts.map((count, at) => ({ rating: values[at], count })),
    };
  }

  async similar(id, count) {
    const { row: own } = this.find(id);
    const { width, factors } = this.factors;
    const at = (row) => factors.subarray(row * width, (row + 1) * width);
    const product = (a, b) => a.reduce((sum, x, n) => sum + x * b[n], 0);
    const length = (row) => Math.sqrt(product(at(row), at(row)));
    const least = this.document.model.min_ratings ?? 0;
    const others = this.items
      .filter(({ row, ratings }) => row !== own && ratings >= least)
      .map((one) => {
        const lengths = length(own) * length(one.row);
        return { ...one, cosine: lengths ? product(at(own), at(one.row)) / lengths : 0 };
      });
    others.sort((a, b) => b.cosine - a.cosine || a.row - b.row);
    return { table: factors.table ?? this.document.factors.table, minRatings: least, items: others.slice(0, count) };
  }

  async map(count) {
    const { width, factors } = this.factors;
    const shown = this.byRatings.slice(0, count);
    const { explained, points } = project(shown.map(({ row }) => factors.subarray(row * width, (row + 1) * width)));
    return { explained, points: shown.map((one, at) => ({ ...one, x: points[at][0], y: points[at][1] })) };
  }

  async openapi() {
    return null;
  }
}
