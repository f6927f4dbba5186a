// A combobox with a list of titles (the pattern of the ARIA Authoring Practices: focus stays in the field).

import { announce, h, icon, later, plural, unique, whole } from './dom.js';
import { folded, titled } from './text.js';

const OPTIONS = 8;

/** The parts of a title that match words of the query, marked. */
function marked(title, query) {
  const words = folded(query)
    .split(' ')
    .filter((word) => word.length > 1);
  return title.split(/(\s+)/).map((part) => {
    const own = folded(part);
    const word = words.find((one) => own.startsWith(one));
    if (!own || !word || own.length !== part.length) return part;
    return [h('mark', null, part.slice(0, word.length)), part.slice(word.length)];
  });
}

export function searchBox({ label, placeholder, source, choose, among }) {
  const id = unique('search');
  let found = [];
  let active = -1;
  let asked = null;
  const list = h('ul', { class: 'options', id: `${id}-list`, role: 'listbox', 'aria-label': label, hidden: true });
  const input = h('input', {
    id,
    type: 'text',
    role: 'combobox',
    placeholder,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    enterkeyhint: 'search',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': list.id,
    maxlength: 200,
  });
  const box = h('div', { class: 'search' }, h('label', { for: id, class: 'unseen' }, label), icon('search'), input, list);

  const open = (shown) => {
    list.hidden = !shown;
    input.setAttribute('aria-expanded', String(shown));
    if (!shown) activate(-1);
  };
  const activate = (at) => {
    active = at;
    [...list.children].forEach((option, place) => {
      if (option.getAttribute('role') === 'option') option.setAttribute('aria-selected', String(place === at));
    });
    const option = list.children[at];
    if (option) {
      input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else input.removeAttribute('aria-activedescendant');
  };
  const take = (item) => {
    input.value = '';
    found = [];
    open(false);
    choose(item);
  };
  const show = (items, query) => {
    found = items;
    list.replaceChildren(
      ...items.map((item, at) => {
        const [name, year] = titled(item.title);
        return h(
          'li',
          {
            id: `${id}-${at}`,
            role: 'option',
            'aria-selected': 'false',
            onclick: () => take(item),
            onpointermove: () => activate(at),
          },
          h('span', { class: 'option-title' }, marked(name, query), year && h('span', { class: 'year' }, ` ${year}`)),
          h('span', { class: 'option-note' }, plural(item.ratings, 'rating')),
        );
      }),
    );
    // A list box may hold options alone.
    if (!items.length)
      list.replaceChildren(
        h(
          'li',
          { class: 'nothing', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' },
          `No title is like “${query}”`,
        ),
      );
    open(true);
    activate(items.length ? 0 : -1);
    announce(items.length ? `${whole(items.length)} titles, arrow keys to choose` : `No title is like ${query}`);
  };
  const ask = async () => {
    const query = input.value.trim();
    asked?.abort();
    if (!query) {
      found = [];
      open(false);
      return;
    }
    asked = new AbortController();
    try {
      const items = await (among ? among(query, OPTIONS) : source.search(query, OPTIONS, asked.signal));
      if (input.value.trim() === query) show(items, query);
    } catch (error) {
      if (error.name === 'AbortError') return;
      found = [];
      list.replaceChildren(
        h(
          'li',
          { class: 'nothing', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' },
          `${error.title ?? 'The search failed'}: ${error.message}`,
        ),
      );
      open(true);
    }
  };
  input.addEventListener('input', later(ask, 110));
  input.addEventListener('focus', () => found.length && open(true));
  input.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      if (list.hidden) open(true);
      activate((active + step + found.length) % found.length);
    } else if (event.key === 'Enter' && !list.hidden && found[active]) {
      event.preventDefault();
      take(found[active]);
    } else if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault();
      open(false);
    } else if (event.key === 'Escape') input.value = '';
  });
  list.addEventListener('mousedown', (event) => event.preventDefault()); // the field keeps the focus
  box.addEventListener('focusout', (event) => box.contains(event.relatedTarget) || open(false));
  return Object.assign(box, { input });
}
