// The map's panel: the canvas, its buttons, and a list of what is in view for those who do not see it.

import { announce, arrange, byId, failure, fixed, h, later, plural, whole } from './dom.js';
import { MapView } from './map-view.js';
import { searchBox } from './search.js';
import { best, folded, titled } from './text.js';

const POINTS = 3000;
const LISTED = 40;
const CHOOSE = 'Choose a title here or on the map.';

export function mapPanel(app) {
  const { source, ratings, go } = app;
  const canvas = h('canvas', {
    tabindex: 0,
    role: 'application',
    'aria-label': 'Map of the items',
    'aria-describedby': 'map-help',
    'aria-roledescription': 'map',
  });
  const tip = h('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' });
  const list = h('ol', { class: 'lines compact', 'aria-label': 'Titles in view, the most rated first' });
  const heading = h('h2', null, 'In view');
  const about = h('p', { class: 'hint' }, '\u00a0');
  const genre = h('select', { id: 'map-genre' }, h('option', { value: '' }, 'All genres'));
  const button = (words, label, run) =>
    h('button', { type: 'button', class: 'button', 'aria-label': label, onclick: run }, words);
  const stage = h(
    'div',
    { class: 'stage' },
    canvas,
    tip,
    h(
      'div',
      { class: 'stage-buttons' },
      button('+', 'Zoom in', () => view.zoom(1.5)),
      button('−', 'Zoom out', () => view.zoom(1 / 1.5)),
      button('Reset', 'Reset the map', () => view.reset()),
    ),
  );
  const trouble = h('div', { hidden: true });
  let points = null;
  let loading = null;

  const view = new MapView(canvas, {
    hovered: (point, x, y) => {
      tip.hidden = !point;
      if (!point) return;
      const [name, year] = titled(point.title);
      tip.replaceChildren(h('strong', null, name), year && ` ${year}`, h('span', null, plural(point.ratings, 'rating')));
      const room = stage.clientWidth - tip.offsetWidth - 8;
      tip.style.setProperty('left', `${Math.max(8, Math.min(x + 12, room))}px`);
      tip.style.setProperty('top', `${Math.max(8, y - tip.offsetHeight - 12)}px`);
    },
    chosen: (point) => select(point, false),
    moved: later(() => showList(), 120),
  });
  const select = (point, centre) => {
    view.select(point, centre);
    for (const [other, { firstChild }] of lines) firstChild.setAttribute('aria-pressed', String(other === point));
    card.replaceChildren(h('span', { class: 'hint' }, CHOOSE));
    if (!point) return;
    const [name, year] = titled(point.title);
    card.replaceChildren(
      h('strong', null, name),
      year && ` ${year} `,
      h('span', { class: 'hint' }, plural(point.ratings, 'rating')),
      ' ',
      h('button', { type: 'button', class: 'link', onclick: () => go(`item/${encodeURIComponent(point.id)}`) }, 'Open'),
    );
    announce(`${name}, ${plural(point.ratings, 'rating')}`);
  };
  const card = h('p', { class: 'chosen' }, h('span', { class: 'hint' }, CHOOSE));
  const lines = new Map(); // by point: a line that remains in view is the same element, and keeps the focus
  const line = (point) => {
    if (!lines.has(point)) {
      const [name, year] = titled(point.title);
      lines.set(
        point,
        h(
          'li',
          null,
          h(
            'button',
            {
              type: 'button',
              class: 'pick',
              value: point.id,
              'aria-pressed': String(point === view.selected),
              onclick: () => select(point, true),
              onfocus: () => view.hover(point),
              onblur: () => view.hover(null),
            },
            h('span', { class: 'pick-title' }, name, year && h('span', { class: 'year' }, ` ${year}`)),
            h('span', { class: 'number' }, whole(point.ratings)),
          ),
        ),
      );
    }
    return lines.get(point);
  };
  const showList = () => {
    const seen = view.inView().sort((a, b) => b.ratings - a.ratings);
    heading.textContent = `In view: ${whole(seen.length)}`;
    const listed = seen.slice(0, LISTED);
    // Centred on the chosen one, a view may hold more popular ones than the list does.
    if (seen.indexOf(view.selected) >= LISTED) listed.push(view.selected);
    arrange(list, listed.map(line));
  };

  byId('panel-map').append(
    h(
      'div',
      { class: 'map-top' },
      searchBox({
        label: 'Find on the map',
        placeholder: 'Find on the map',
        source,
        among: async (query, count) => best(query, points ?? [], count),
        choose: (point) => select(point, true),
      }),
      h('label', null, h('span', { class: 'unseen' }, 'Show a genre'), genre),
    ),
    trouble,
    h(
      'div',
      { class: 'map' },
      h(
        'div',
        null,
        stage,
        h(
          'p',
          { class: 'hint', id: 'map-help' },
          'Drag to move, scroll or pinch to zoom. With the keyboard: arrows move, + and − zoom, 0 shows everything.',
        ),
        about,
      ),
      h('section', { class: 'map-side', 'aria-label': 'Titles in view' }, heading, card, list),
    ),
  );

  genre.addEventListener('change', async () => {
    try {
      await giveGenres(points ?? [], source);
      view.filter(genre.value ? (point) => point.genres.includes(genre.value) : null);
      showList();
    } catch (error) {
      trouble.hidden = false;
      trouble.replaceChildren(failure(error));
    }
  });
  const load = async () => {
    try {
      const said = await source.map(POINTS);
      trouble.hidden = true;
      points = said.points.map((point) => ({ ...point, folded: folded(point.title) }));
      lines.clear();
      view.set(points);
      const [first, second] = said.explained ?? [];
      about.textContent =
        `${plural(points.length, 'item')} on the first two principal components of the item vectors` +
        (first === undefined
          ? '.'
          : `, which explain ${fixed(100 * first, 0)} % and ${fixed(100 * second, 0)} % of their variance.`) +
        ' Larger dots have more ratings.';
      mark();
      showList();
      genre.append(...(await source.genres()).map((name) => h('option', { value: name }, name)));
    } catch (error) {
      loading = null;
      trouble.hidden = false;
      trouble.replaceChildren(failure(error, () => (loading = load())));
    }
  };
  const mark = () => view.mark(new Set(ratings.given().map(({ id }) => id)));
  ratings.listeners.add(mark);
  app.themed.add(() => view.draw());
  return () => {
    loading ??= load();
    view.fit();
  };
}

/** Genres of points, which a service leaves out of its map: its catalogue has them, and is read once somebody wants them. */
async function giveGenres(points, source) {
  if (points.some(({ genres }) => genres.length)) return;
  const known = new Map((await source.everything()).map(({ id, genres }) => [id, genres]));
  for (const point of points) point.genres = known.get(point.id) ?? [];
}
