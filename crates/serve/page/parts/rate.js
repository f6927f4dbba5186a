// Rate and see: the visitor's ratings, and the list that follows from them.

import { announce, byId, calm, failure, fixed, ghosts, glide, h, icon, later, plural } from './dom.js';
import { asUser } from './as-user.js';
import { gauge, line, titleLine } from './lines.js';
import { searchBox } from './search.js';
import { stars } from './stars.js';
import { titled } from './text.js';
import { whyPanel } from './why.js';

const LENGTH = 10;
const STARTERS = 6;
const POOL = 120;
/** The service gives reasons for lists up to this length. */
const MOST = 100;

const pair = (value, words) => h('option', { value }, words);

export function ratePanel(app) {
  const { ratings, source, values, go } = app;
  const rated = h('ol', { class: 'lines rated', 'aria-label': 'Your ratings' });
  const none = h('p', { class: 'hint' }, 'Rate three titles or so, and the list changes with each of them.');
  const startOver = h('button', { type: 'button', class: 'link', onclick: () => ratings.clear() }, 'Start over');
  const starters = h('ol', { class: 'lines starters', 'aria-label': 'Well known titles' }, ghosts(STARTERS));
  const list = h('ol', { class: 'lines recommended', 'aria-label': 'Recommended titles' }, ghosts(LENGTH, 'tall'));
  const note = h('p', { class: 'hint', id: 'said' }, '\u00a0');
  const genre = h('select', { id: 'genre' }, pair('', 'All genres'));
  const least = h(
    'select',
    { id: 'least' },
    pair('', 'Enough ratings'),
    pair('0', 'Any number of ratings'),
    [20, 50, 100, 500].map((many) => pair(String(many), `At least ${many} ratings`)),
  );
  const more = h('button', { type: 'button', class: 'button wide', hidden: true }, 'Show more');
  const trouble = h('div', { hidden: true });
  let count = LENGTH;
  let asked = null;
  let pool = [];
  let offset = 0;

  byId('panel-rate').append(
    h(
      'div',
      { class: 'two' },
      h(
        'section',
        { 'aria-labelledby': 'yours' },
        h('div', { class: 'head' }, h('h2', { id: 'yours' }, 'Your ratings'), startOver),
        searchBox({
          label: 'Find a title to rate',
          placeholder: 'Find a title to rate',
          source,
          choose: (item) => {
            ratings.set(item, null);
            rows.get(item.id).querySelector('.stars').focusStars();
            announce(`${item.title}: choose your rating`);
          },
        }),
        none,
        rated,
        source.offline || !app.model.users ? null : asUser(app),
        h(
          'div',
          { class: 'head minor' },
          h('h3', null, 'Well known here'),
          h('button', { type: 'button', class: 'link', onclick: () => showStarters(offset + STARTERS) }, 'Show others'),
        ),
        starters,
      ),
      h(
        'section',
        { 'aria-labelledby': 'for-you', id: 'list' },
        h('div', { class: 'head' }, h('h2', { id: 'for-you' }, 'Recommended for you')),
        h(
          'div',
          { class: 'filters' },
          h('label', null, h('span', { class: 'unseen' }, 'Genre'), genre),
          h('label', null, h('span', { class: 'unseen' }, 'Number of ratings'), least),
        ),
        note,
        trouble,
        list,
        more,
      ),
    ),
  );

  // On a phone the list is below: what is first in it is shown at the lower edge until the list comes into sight.
  const peek = h('button', {
    type: 'button',
    class: 'peek',
    hidden: true,
    onclick: () => byId('list').scrollIntoView({ behavior: calm() ? 'auto' : 'smooth' }),
  });
  byId('panel-rate').append(peek);
  new IntersectionObserver(([{ isIntersecting }]) => peek.classList.toggle('away', isIntersecting)).observe(list);
  const showPeek = (first) => {
    peek.hidden = !first;
    if (first)
      peek.replaceChildren(
        h('span', { class: 'peek-words' }, 'First for you: ', h('strong', null, titled(first.title)[0])),
        gauge(first.clipped ?? first.rating, app),
        icon('down'),
      );
  };

  const rows = new Map();
  const showRated = () => {
    for (const [id, row] of rows) {
      if (ratings.all.some((one) => one.id === id)) continue;
      row.remove();
      rows.delete(id);
    }
    ratings.all.forEach((one) => {
      if (rows.has(one.id)) {
        rows.get(one.id).querySelector('.stars').set(one.rating);
        return;
      }
      const [name] = titled(one.title);
      const row = h(
        'li',
        { class: 'line' },
        titleLine(one, go),
        stars({ label: `Your rating of ${name}`, values, value: one.rating, change: (rating) => ratings.set(one, rating) }),
        h(
          'button',
          { type: 'button', class: 'round', 'aria-label': `Remove ${name}`, onclick: () => remove(one.id) },
          icon('cross'),
        ),
      );
      rows.set(one.id, row);
    });
    const wanted = ratings.all.map(({ id }) => rows.get(id));
    glide(rated, wanted);
    none.hidden = ratings.all.length > 0;
    startOver.hidden = ratings.all.length === 0 && ratings.user === null;
  };
  const remove = (id) => {
    const next = rows.get(id).nextElementSibling ?? rows.get(id).previousElementSibling;
    ratings.remove(id);
    (next?.querySelector('.round') ?? byId('panel-rate').querySelector('input')).focus();
  };

  /** The title leaves the list that it was rated in; the focus goes with it, without moving the page below a mouse. */
  const rateInList = (one, rating, keyboard) => {
    ratings.set(one, rating);
    rows.get(one.id).querySelector('.stars').focusStars({ preventScroll: !keyboard });
  };

  const starter = (one) =>
    h(
      'li',
      { class: 'line', 'data-id': one.id },
      titleLine(one, go),
      stars({
        label: `Rate ${titled(one.title)[0]}`,
        values,
        deferred: true,
        change: (rating, keyboard) => rateInList(one, rating, keyboard),
      }),
    );
  /** The next titles without a rating; those that are shown already remain the same elements. */
  const fillStarters = () => {
    const there = new Map([...starters.children].map((row) => [row.dataset.id, row]));
    const next = pool
      .slice(offset)
      .filter(({ id }) => ratings.of(id) === null)
      .slice(0, STARTERS);
    glide(
      starters,
      next.map((one) => there.get(one.id) ?? starter(one)),
    );
    return next.length > 0;
  };
  const showStarters = async (from) => {
    try {
      if (!pool.length) pool = await source.popular(POOL, 0);
      offset = from;
      if (!fillStarters() && from) showStarters(0);
    } catch (error) {
      starters.replaceChildren(
        h(
          'li',
          null,
          failure(error, () => showStarters(from)),
        ),
      );
    }
  };

  const shown = new Map();
  const draw = (said) => {
    const reasoned = ratings.given().length > 0 || (ratings.user !== null && app.model.keeps_ratings !== false);
    for (const id of shown.keys()) if (!said.items.some((one) => one.id === id)) shown.delete(id);
    said.items.forEach((one, at) => {
      const known = shown.get(one.id);
      if (known) known.update(one, at, reasoned);
      else
        shown.set(
          one.id,
          line({ one, at, reasoned, app, rate: (rating, keyboard) => rateInList(one, rating, keyboard), why: whyPanel(app) }),
        );
    });
    glide(
      list,
      said.items.map(({ id }) => shown.get(id)),
    );
    if (!said.items.length)
      list.replaceChildren(
        h('li', { class: 'empty' }, 'Nothing is left by these filters. Choose another genre, or fewer ratings.'),
      );
    list.dataset.drawn = Number(list.dataset.drawn ?? 0) + 1; // tests wait for it: not every rating changes the list
    more.hidden = said.items.length < count || count >= MOST;
    note.replaceChildren(words(said, ratings.given().length));
  };

  const words = (said, many) => {
    if (said.minRatings && least.value === '') least.options[0].textContent = `At least ${plural(said.minRatings, 'rating')}`;
    const fewer = said.leftOut ? ` ${plural(said.leftOut, 'title')} with fewer ratings left out.` : '';
    const skipped = said.unknown.length ? ` Not known to the model: ${said.unknown.join(', ')}.` : '';
    const took = `in ${fixed(said.milliseconds, said.milliseconds < 10 ? 1 : 0)} ms`;
    if (ratings.user !== null && said.source !== 'popular') {
      const more_ = many ? `, ${many} of them new` : '';
      return `From ${plural(said.userRatings, 'rating')} of user ${ratings.user}${more_}, ${took}.${fewer}${skipped}`;
    }
    if (!many) {
      const what = said.source === 'popular' ? 'what most people have rated' : 'what the model predicts for the average visitor';
      return `Nothing rated yet: this is ${what}.${fewer}`;
    }
    const from = said.source === 'popular' ? 'By popularity, not by your ratings' : `Folded in from ${plural(many, 'rating')}`;
    return `${from} ${took}.${fewer}${skipped}`;
  };

  /** What is being asked for is out of date from the moment of a change, and so is the list. */
  const outdate = () => {
    asked?.abort();
    list.setAttribute('aria-busy', 'true');
  };
  const refresh = async () => {
    outdate();
    const { signal } = (asked = new AbortController());
    try {
      const said = await source.recommend(
        {
          user: ratings.user,
          ratings: ratings.given(),
          count,
          genre: genre.value || null,
          minRatings: least.value === '' ? null : Number(least.value),
          explain: ratings.user !== null && app.model.keeps_ratings === false ? 0 : 3,
        },
        signal,
      );
      if (signal.aborted) return;
      trouble.hidden = true;
      draw(said);
      const first = said.items[0];
      showPeek(first);
      announce(first ? `${plural(said.items.length, 'recommendation')}. First: ${titled(first.title)[0]}` : 'No recommendation');
    } catch (error) {
      if (error.name === 'AbortError') return;
      trouble.replaceChildren(failure(error, refresh));
      trouble.hidden = false;
      list.querySelectorAll('.ghost').forEach((ghost) => ghost.remove());
    }
    list.removeAttribute('aria-busy');
  };

  more.addEventListener('click', () => {
    count += LENGTH;
    refresh();
  });
  for (const choice of [genre, least]) choice.addEventListener('change', refresh);
  const soon = later(refresh, 30);
  ratings.listeners.add(() => {
    showRated();
    fillStarters();
    outdate();
    soon();
  });
  showRated();
  refresh();
  showStarters(0);
  source.genres().then(
    (all) => genre.append(...all.map((name) => pair(name, name))),
    () => {},
  );
}
