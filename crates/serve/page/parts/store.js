// The visitor's ratings: kept between visits for the model that they were given for, and everybody who shows them is told.

import { kept } from './dom.js';

export class Ratings {
  constructor(key) {
    this.key = `recburn-ratings-${key}`;
    this.listeners = new Set();
    this.user = null;
    /** `[{ id, title, genres, rating }]`, the latest first; a title that was chosen and not rated yet has no rating. */
    const all = kept.get(this.key);
    this.all = Array.isArray(all) ? all.filter(({ id, rating }) => typeof id === 'string' && Number.isFinite(rating)) : [];
  }

  /** Whom the ratings are added to: a user of the training data, or null for somebody new. */
  become(user) {
    this.user = user;
    this.changed();
  }

  /** Those that count, with their ratings. */
  given() {
    return this.all.filter(({ rating }) => rating !== null);
  }

  of(id) {
    return this.all.find((one) => one.id === id)?.rating ?? null;
  }

  /** Puts a title on top if it is new. `rating` may be null: chosen, not rated. */
  set({ id, title, genres = [] }, rating) {
    const known = this.all.find((one) => one.id === id);
    if (known && rating === null) return;
    if (known) known.rating = rating;
    else this.all.unshift({ id, title, genres, rating });
    this.changed();
  }

  remove(id) {
    this.all = this.all.filter((one) => one.id !== id);
    this.changed();
  }

  clear() {
    this.all = [];
    this.user = null;
    this.changed();
  }

  changed() {
    kept.set(this.key, this.given());
    for (const listener of this.listeners) listener();
  }
}

/** The ratings that can be given on a scale: its own steps if they are few, otherwise ten even ones. */
export function choices(scale) {
  const { min = 1, max = 5, step, values } = scale ?? {};
  if (values?.length && values.length <= 20) return values;
  const guess = step ?? (max - min > 5 ? 1 : Number.isInteger(min) ? 1 : 0.5);
  const count = Math.round((max - min) / guess) + 1;
  if (count >= 2 && count <= 20) return Array.from({ length: count }, (_, at) => Number((min + at * guess).toFixed(4)));
  return Array.from({ length: 10 }, (_, at) => Number((min + ((max - min) * at) / 9).toFixed(2)));
}
