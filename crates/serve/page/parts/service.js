// The data source of a served page: the endpoints of the service that it comes from.

import { session } from './dom.js';
import { best, folded } from './text.js';

/** What the catalogue is read by, for close matches and the list of genres. */
const PAGE = 1000;
const MOST_READ = 10_000;

export class ServiceError extends Error {
  constructor(title, detail, status = 0, code = '') {
    super(detail);
    Object.assign(this, { title, detail, status, code });
  }
}

const TITLES = {
  0: 'The service cannot be reached',
  401: 'The service asks for a token',
  404: 'Not found',
  503: 'The service is busy or not ready',
};

async function problem(response) {
  let said = {};
  try {
    said = await response.json();
  } catch {
    // Not every error is JSON: a proxy may have answered.
  }
  const title = TITLES[response.status] ?? said.title ?? `The service answered ${response.status}`;
  return new ServiceError(title, said.detail ?? response.statusText, response.status, said.code);
}

const item = (line) => ({
  ...line,
  id: String(line.item),
  title: line.title ?? String(line.item),
  genres: line.genres ?? [],
  ratings: line.ratings ?? 0,
});

const reason = (line) => ({
  id: String(line.item),
  title: line.title ?? String(line.item),
  rating: line.rating,
  weight: line.weight,
});

export class Service {
  /** `askToken(refused)` resolves to a token, or to null if there is none. */
  constructor(askToken) {
    this.askToken = askToken;
    this.token = session.get('recburn-token');
    this.offline = false;
    this.catalogue = null;
    this.memory = new Map();
  }

  async fetch(path, { method = 'GET', body, signal } = {}) {
    const headers = { accept: 'application/json' };
    if (body) headers['content-type'] = 'application/json';
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    let response;
    try {
      // Relative, so that the page also works below a path of a proxy.
      response = await fetch(new URL(path, document.baseURI), { method, headers, body: body && JSON.stringify(body), signal });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      throw new ServiceError(TITLES[0], 'It may have been stopped, or the network is down.');
    }
    if (response.status === 401) {
      this.waiting ??= this.askToken(this.token !== null).finally(() => (this.waiting = null));
      const token = await this.waiting;
      if (token === null) throw await problem(response);
      this.token = token;
      session.set('recburn-token', token);
      return this.fetch(path, { method, body, signal });
    }
    if (!response.ok) throw await problem(response);
    return response.json();
  }

  /** As `fetch`, for what does not change while a model is served. */
  once(path) {
    if (!this.memory.has(path)) {
      const asked = this.fetch(path);
      asked.catch(() => this.memory.delete(path));
      this.memory.set(path, asked);
    }
    return this.memory.get(path);
  }

  model() {
    return this.once('v1/model');
  }

  async recommend({ user, ratings, count, genre, minRatings, explain }, signal) {
    const started = performance.now();
    const body = { ratings: ratings.map(({ id, rating }) => ({ item: id, rating })), count, explain };
    if (user) body.user = user;
    if (genre) body.genres = [genre];
    if (minRatings !== null) body.min_ratings = minRatings;
    body.fallback = 'popular';
    const said = await this.fetch('v1/recommendations', { method: 'POST', body, signal });
    return {
      source: said.source,
      userRatings: said.user_ratings,
      minRatings: said.min_ratings ?? minRatings,
      leftOut: said.left_out,
      unknown: said.unknown_items ?? [],
      milliseconds: performance.now() - started,
      items: said.items.map((line) => ({ ...item(line), because: (line.because ?? []).map(reason) })),
    };
  }

  async explain({ user, ratings }, id, signal) {
    const body = { ratings: ratings.map(({ id: of, rating }) => ({ item: of, rating })), item: id };
    if (user) body.user = user;
    const said = await this.fetch('v1/explanations', { method: 'POST', body, signal });
    return { rating: said.rating, base: said.base, exact: said.exact !== false, contributions: said.contributions.map(reason) };
  }

  user(id) {
    return this.fetch(`v1/users/${encodeURIComponent(id)}`);
  }

  async popular(count, offset) {
    const said = await this.once(`v1/items?sort=popular&count=${count}&offset=${offset}`);
    return said.items.map(item);
  }

  /** Titles that contain the query; where there are few, titles close to it follow. */
  async search(query, count, signal) {
    const said = await this.fetch(`v1/items?q=${encodeURIComponent(query)}&sort=popular&count=${count}`, { signal });
    const found = said.items.map(item);
    if (found.length >= Math.min(count, 4)) return best(query, named(found), count).concat(rest(query, found)).slice(0, count);
    const known = new Set(found.map(({ id }) => id));
    const close = best(query, await this.everything(), count).filter(({ id }) => !known.has(id));
    return [...found, ...close].slice(0, count);
  }

  /** The catalogue, the most rated first, up to a limit. */
  everything() {
    this.catalogue ??= this.readAll().catch((error) => {
      this.catalogue = null;
      throw error;
    });
    return this.catalogue;
  }

  async readAll() {
    const all = [];
    for (let offset = 0; offset < MOST_READ; offset += PAGE) {
      const said = await this.fetch(`v1/items?sort=popular&count=${PAGE}&offset=${offset}`);
      all.push(...named(said.items.map(item)));
      if (said.items.length < PAGE || all.length >= said.total) break;
    }
    return all;
  }

  async genres() {
    const { genres } = await this.model();
    return [...(genres ?? [])].sort();
  }

  async item(id) {
    const said = await this.once(`v1/items/${encodeURIComponent(id)}`);
    return { ...item(said), histogram: said.histogram ?? [] };
  }

  async similar(id, count) {
    const said = await this.once(`v1/items/${encodeURIComponent(id)}/similar?count=${count}`);
    return { table: said.table, minRatings: said.min_ratings, items: said.items.map(item) };
  }

  async map(count) {
    const said = await this.once(`v1/map?count=${count}`);
    return { explained: said.explained, points: said.points.map(item) };
  }

  openapi() {
    return this.once('openapi.json');
  }
}

const named = (items) => items.map((one) => ({ ...one, folded: folded(one.title) }));

function rest(query, found) {
  const best_ = new Set(best(query, named(found), found.length).map(({ id }) => id));
  return found.filter(({ id }) => !best_.has(id));
}
