// A mock of `recburn serve`: all endpoints that the page asks, answered from the made-up catalogue by the page's own code for
// exported models. `node tests/page/mock.mjs [PORT]` serves it to look at; RECBURN_TOKEN has it ask for a token.

import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { catalogue } from './catalogue.mjs';
import { openapi } from './openapi.mjs';
import { Embedded } from '../../crates/serve/page/parts/embedded.js';
import { folded } from '../../crates/serve/page/parts/text.js';

export const PAGE = new URL('../../crates/serve/page/index.html', import.meta.url);

class Refused extends Error {
  constructor(status, code, detail) {
    super(detail);
    Object.assign(this, { status, code });
  }
}

const line = ({ id, title, genres, ratings, ...rest }) => ({ item: id, title, genres, ratings, ...rest });
const bare = ({ id, title, genres, ratings }) => line({ id, title, genres, ratings });
const because = (reasons) => reasons.map(({ id, ...rest }) => ({ item: id, ...rest }));
/** Throws where the request has something that the service does not take. */
function only(body, ...names) {
  const other = Object.keys(body).find((name) => !names.includes(name));
  if (other) throw new Refused(422, 'invalid', `\`${other}\`: there is no such field`);
}
const visitor = ({ ratings = [] }) => ratings.map(({ item, rating }) => ({ id: String(item), rating }));

/** The endpoints, each by its method and a pattern of its path. */
function endpoints(source) {
  const { model } = source.document;
  const known = (id) => {
    if (!source.rows.has(id))
      throw new Refused(404, 'unknown_item', `there is no item \`${id}\` among the ${model.items} that the model knows`);
    return id;
  };
  const { people } = source.document;
  const userKnown = (id) => {
    if (!people[Number(id) - 1])
      throw new Refused(404, 'unknown_user', `there is no user \`${id}\` among the ${people.length} that the model knows`);
    return id;
  };
  /** The source as a user sees it: the prior is around the user's row. */
  const as = (user) => {
    if (user === undefined) return source;
    const mean = Float64Array.from(people[userKnown(user) - 1]);
    return Object.assign(Object.create(source), { factors: { ...source.factors, prior: { ...source.factors.prior, mean } } });
  };
  return [
    ['GET', /^\/v1\/model$/, () => model],
    ['GET', /^\/openapi\.json$/, () => openapi],
    [
      'GET',
      /^\/v1\/items$/,
      (_, query) => {
        const wanted = folded(query.get('q') ?? '');
        const genre = query.get('genre');
        const all = source.byRatings.filter((one) => one.folded.includes(wanted) && (!genre || one.genres.includes(genre)));
        const offset = Number(query.get('offset') ?? 0);
        return { total: all.length, items: all.slice(offset, offset + Number(query.get('count') ?? 20)).map(bare) };
      },
    ],
    [
      'GET',
      /^\/v1\/items\/([^/]+)$/,
      async ([id]) => {
        const { histogram, mean, bias, ...one } = await source.item(known(id));
        return { ...bare(one), mean, bias, histogram };
      },
    ],
    [
      'GET',
      /^\/v1\/items\/([^/]+)\/similar$/,
      async ([id], query) => {
        const said = await source.similar(known(id), Number(query.get('count') ?? 10));
        return {
          item: id,
          table: said.table,
          min_ratings: said.minRatings,
          items: said.items.map((one) => ({ ...bare(one), cosine: one.cosine })),
        };
      },
    ],
    ['GET', /^\/v1\/users\/([^/]+)$/, ([id]) => ({ user: userKnown(id), ratings: 64 })],
    [
      'GET',
      /^\/v1\/map$/,
      async (_, query) => {
        const said = await source.map(Number(query.get('count') ?? 3000));
        return {
          explained: said.explained,
          points: said.points.map(({ id, title, ratings, x, y }) => ({ item: id, title, ratings, x, y })),
        };
      },
    ],
    [
      'POST',
      /^\/v1\/recommendations$/,
      async (_, __, body) => {
        only(
          body,
          'user',
          'ratings',
          'count',
          'offset',
          'genres',
          'not_genres',
          'allow',
          'deny',
          'min_ratings',
          'seen',
          'explain',
          'fallback',
          'row',
        );
        const said = await as(body.user).recommend({
          ratings: visitor(body),
          count: body.count ?? 10,
          genre: body.genres?.[0],
          minRatings: body.min_ratings ?? null,
          explain: body.explain ?? 0,
        });
        return {
          source: said.source !== 'mean' ? said.source : body.user ? 'model' : 'popular',
          user: body.user ?? null,
          user_ratings: visitor(body).length + (body.user ? 64 : 0),
          model: model.digest,
          min_ratings: said.minRatings,
          left_out: said.leftOut,
          unknown_items: said.unknown,
          items: said.items.map((one) => ({
            ...bare(one),
            rating: one.rating,
            clipped: one.clipped,
            because: because(one.because),
          })),
        };
      },
    ],
    [
      'POST',
      /^\/v1\/explanations$/,
      async (_, __, body) => {
        only(body, 'user', 'ratings', 'item');
        const said = await as(body.user).explain({ ratings: visitor(body) }, known(String(body.item)));
        return { rating: said.rating, base: said.base, exact: said.exact, contributions: because(said.contributions) };
      },
    ],
  ];
}

export function mock({ token = null } = {}) {
  const all = endpoints(new Embedded(catalogue()));
  const answer = async (request) => {
    const address = new URL(request.url, 'http://mock');
    const path = decodeURIComponent(address.pathname);
    if (token && request.headers.authorization !== `Bearer ${token}`)
      throw new Refused(401, 'unauthorized', 'this service needs a token');
    const found = all.find(([method, pattern]) => method === request.method && pattern.test(path));
    if (!found) throw new Refused(404, 'not_found', `there is nothing at ${path}`);
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = parts.length ? JSON.parse(Buffer.concat(parts)) : {};
    return found[2](found[1].exec(path).slice(1), address.searchParams, body);
  };
  return createServer(async (request, response) => {
    if (request.method === 'GET' && request.url === '/') {
      const page = readFileSync(PAGE, 'utf8');
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)[1],
        'x-content-type-options': 'nosniff',
      });
      response.end(page);
      return;
    }
    try {
      const said = JSON.stringify(await answer(request));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(said);
    } catch (error) {
      const status = error.status ?? 500;
      response.writeHead(status, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ type: 'about:blank', title: 'Refused', status, code: error.code, detail: error.message }));
    }
  });
}

/** Starts a server on a free port of this machine and returns its address. */
export const listen = (server, port = 0) =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}/`)));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(await listen(mock({ token: process.env.RECBURN_TOKEN }), Number(process.argv[2] ?? 0)));
}
