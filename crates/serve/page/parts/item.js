// An item: what people gave it, and what is near it.

import { byId, failure, fixed, ghosts, h, plural, signed, svg, whole } from './dom.js';
import { titleLine } from './lines.js';
import { searchBox } from './search.js';
import { stars } from './stars.js';
import { titled } from './text.js';

const NEIGHBOURS = 12;

/** Bars over the ratings; the same numbers as a table for those who do not see them. */
function histogramFigure(bars) {
  const width = 320;
  const height = 120;
  const over = 20;
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const all = bars.reduce((sum, { count }) => sum + count, 0);
  const slot = width / bars.length;
  const picture = svg(
    'svg',
    { viewBox: `0 0 ${width} ${over + height + 22}`, class: 'histogram', 'aria-hidden': 'true' },
    svg('line', { x1: 0, x2: width, y1: over + height + 0.5, y2: over + height + 0.5, class: 'axis' }),
    bars.map(({ rating, count }, at) => {
      const tall = (count / most) * height;
      return svg(
        'g',
        null,
        svg('rect', {
          x: at * slot + slot * 0.12,
          width: slot * 0.76,
          y: over + height - tall,
          height: tall,
          rx: Math.min(3, tall / 2),
        }),
        count === most && svg('text', { x: (at + 0.5) * slot, y: over + height - tall - 6, class: 'value' }, whole(count)),
        svg('text', { x: (at + 0.5) * slot, y: over + height + 18 }, rating),
      );
    }),
  );
  return h(
    'figure',
    null,
    picture,
    h(
      'table',
      { class: 'unseen' },
      h('caption', null, `Ratings given, ${whole(all)} in all`),
      h(
        'tbody',
        null,
        bars.map(({ rating, count }) => h('tr', null, h('th', { scope: 'row' }, String(rating)), h('td', null, whole(count)))),
      ),
    ),
  );
}

const fact = (name, value, title) => value !== undefined && h('div', { title }, h('dt', null, name), h('dd', null, value));

export function itemPanel(app) {
  const { source, ratings, values, go } = app;
  const body = h('div', { class: 'item-body' });
  byId('panel-item').append(
    h(
      'div',
      { class: 'narrow' },
      searchBox({
        label: 'Find an item',
        placeholder: 'Find a title',
        source,
        choose: ({ id }) => go(`item/${encodeURIComponent(id)}`),
      }),
    ),
    body,
  );
  let shown = null;
  let own = null;

  const predicted = async (place, id) => {
    const given = ratings.given();
    place.replaceChildren('–');
    if (!given.length && ratings.user === null) {
      place.replaceChildren(h('span', { class: 'hint' }, 'rate something first'));
      return;
    }
    try {
      const { rating } = await source.explain({ user: ratings.user, ratings: given }, id);
      place.replaceChildren(fixed(rating, 1));
    } catch {
      place.replaceChildren('–'); // what failed is said where ratings are given
    }
  };

  const draw = (item, near) => {
    const [name, year] = titled(item.title);
    const guess = h('span', null);
    own = {
      stars: stars({
        label: `Your rating of ${name}`,
        values,
        value: ratings.of(item.id),
        change: (rating) => ratings.set(item, rating),
      }),
      refresh: () => predicted(guess, item.id),
    };
    own.refresh();
    body.replaceChildren(
      h(
        'header',
        { class: 'item-head' },
        h('h2', null, name, year && h('span', { class: 'year' }, ` ${year}`)),
        item.genres.length ? h('p', { class: 'genres' }, item.genres.join(' · ')) : null,
        h(
          'dl',
          { class: 'facts' },
          fact('Ratings', whole(item.ratings)),
          item.mean === undefined || item.mean === null ? null : fact('Mean', fixed(item.mean, 2)),
          item.bias === undefined || item.bias === null
            ? null
            : fact('Item bias', signed(item.bias), 'How much better than usual the model finds it, for everybody'),
          fact('Predicted for you', guess),
          fact('Your rating', own.stars),
        ),
      ),
      h(
        'div',
        { class: 'two' },
        h(
          'section',
          { 'aria-labelledby': 'given' },
          h('h3', { id: 'given' }, 'Ratings given'),
          item.histogram.some(({ count }) => count)
            ? histogramFigure(item.histogram)
            : h('p', { class: 'hint' }, 'Not recorded for this model.'),
        ),
        h(
          'section',
          { 'aria-labelledby': 'near' },
          h('h3', { id: 'near' }, 'Nearest in direction'),
          near.items.length
            ? h(
                'ol',
                { class: 'lines', 'aria-label': 'Nearest titles' },
                near.items.map((one) =>
                  h(
                    'li',
                    { class: 'line' },
                    titleLine(one, go),
                    h(
                      'span',
                      { class: 'gauge' },
                      h('span', { class: 'unseen' }, 'cosine '),
                      h('span', { class: 'number' }, fixed(one.cosine, 2)),
                      h('span', { class: 'bar', '--part': Math.max(0, one.cosine), 'aria-hidden': 'true' }),
                    ),
                  ),
                ),
              )
            : h('p', { class: 'hint' }, near.error ? near.error.message : 'No other item has enough ratings.'),
          !near.error &&
            h(
              'p',
              { class: 'hint' },
              `By the cosine of the item vectors${near.table ? ` in ${near.table}` : ''}${near.minRatings ? `; items with at least ${plural(near.minRatings, 'rating')}` : ''}.`,
            ),
        ),
      ),
    );
  };

  const show = async (id) => {
    if (id === null) {
      // The address says which one, so that going back comes to it.
      const [most] = shown === null ? await source.popular(1, 0) : [{ id: shown }];
      if (most) location.replace(`#item/${encodeURIComponent(most.id)}`);
      else body.replaceChildren(h('p', { class: 'empty' }, 'The model knows no items.'));
      return;
    }
    const wanted = id;
    if (wanted === shown) {
      own?.refresh();
      return;
    }
    shown = wanted;
    if (!body.childElementCount) body.replaceChildren(h('ol', { class: 'lines' }, ghosts(8)));
    body.setAttribute('aria-busy', 'true');
    try {
      // A model without tables has no neighbours, which is no reason to show nothing.
      const [item, near] = await Promise.all([
        source.item(wanted),
        source.similar(wanted, NEIGHBOURS).catch((error) => ({ items: [], error })),
      ]);
      if (shown === wanted) draw(item, near);
    } catch (error) {
      shown = null;
      body.replaceChildren(failure(error, () => show(wanted)));
    }
    body.removeAttribute('aria-busy');
  };
  ratings.listeners.add(() => {
    own?.stars.set(ratings.of(shown));
    if (!byId('panel-item').hidden) own?.refresh();
  });
  return (id) => show(id).catch((error) => body.replaceChildren(failure(error, () => show(id))));
}
