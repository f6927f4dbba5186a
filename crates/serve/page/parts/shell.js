// What is around the panels: tabs, theme, and the question for a token.

import { byId, h, kept } from './dom.js';

/** Tabs by their panels: arrow keys, Home and End move; the place is in the address. */
export function tabs(shown) {
  const all = [...document.querySelectorAll('[role=tab]')];
  const usable = () => all.filter((tab) => !tab.hidden);
  const name = (tab) => tab.id.slice('tab-'.length);
  let current = null;

  const open = () => {
    const [wanted, ...rest] = location.hash.slice(1).split('/');
    const tab = usable().find((one) => name(one) === wanted) ?? usable()[0];
    for (const one of all) {
      one.setAttribute('aria-selected', String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
      byId(one.getAttribute('aria-controls')).hidden = one !== tab;
    }
    if (current !== tab && current) scrollTo({ top: 0 });
    current = tab;
    document.title = `${tab.textContent} · recburn`;
    let argument = rest.join('/');
    try {
      argument = decodeURIComponent(argument);
    } catch {
      // An address that somebody has typed: taken as it is.
    }
    shown(name(tab), argument || null);
  };
  const go = (path) => {
    if (location.hash === `#${path}`) open();
    else location.hash = path;
  };
  for (const tab of all) {
    tab.addEventListener('click', () => go(name(tab)));
    tab.addEventListener('keydown', (event) => {
      const known = usable();
      const at = known.indexOf(tab);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + known.length, Home: 0, End: known.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = known[to % known.length];
      next.focus();
      go(name(next));
    });
  }
  addEventListener('hashchange', open);
  // The address says which tab is open, and is not to say anything else.
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    byId('main').focus();
  });
  return { open, go };
}

/** The switch between the system's theme, light and dark; `changed` is told. */
export function theme(changed) {
  const inputs = [...document.querySelectorAll('#theme input')];
  const apply = (value) => {
    if (value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = value;
    changed();
  };
  const saved = kept.get('recburn-theme');
  for (const input of inputs) {
    input.checked = input.value === (saved ?? 'auto');
    input.addEventListener('change', () => {
      kept.set('recburn-theme', input.value === 'auto' ? null : input.value);
      apply(input.value);
    });
  }
  if (saved) apply(saved);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}

/** Asks for the service's token; null if the visitor has none. */
export function askToken(refused) {
  return new Promise((resolve) => {
    const field = h('input', {
      id: 'token',
      type: 'password',
      autocomplete: 'current-password',
      required: true,
      spellcheck: 'false',
    });
    const dialog = h(
      'dialog',
      { class: 'token', 'aria-labelledby': 'token-title' },
      h(
        'form',
        { method: 'dialog' },
        h('h2', { id: 'token-title' }, 'This service asks for a token'),
        h(
          'p',
          { role: refused ? 'alert' : undefined },
          refused
            ? 'The service did not accept this token.'
            : 'It is the one that the service was started with. It is kept until this tab is closed.',
        ),
        h('label', { for: 'token' }, 'Token'),
        field,
        h(
          'div',
          { class: 'row' },
          h('button', { class: 'button strong', value: 'use' }, 'Use it'),
          h('button', { class: 'button', type: 'button', onclick: () => dialog.close('') }, 'Cancel'),
        ),
      ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'use' ? field.value.trim() : null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
