// Small helpers: elements are made here and nowhere from strings, so titles can never become markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name.startsWith('--'))
      node.style.setProperty(name, value); // not the attribute, which the policy forbids
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
export const svg = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);
export const byId = (id) => document.getElementById(id);

/** One of the symbols of the page's sprite. */
export const icon = (name) => svg('svg', { class: 'icon', 'aria-hidden': 'true' }, svg('use', { href: `#icon-${name}` }));

let numbers = 0;
export const unique = (prefix) => `${prefix}-${++numbers}`;

/** Said by screen readers, shown nowhere. The same words twice are said twice. */
export function announce(words) {
  const live = byId('live');
  live.textContent = live.textContent === words ? `${words}\u00a0` : words;
}

export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Makes these the children of a list, in their order; what is there already is moved at most, and keeps the focus. */
export function arrange(list, wanted) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const kept = new Set(wanted);
  for (const child of [...list.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((child, at) => {
    const there = list.children[at] ?? null;
    if (child === there) return;
    if (child.parentNode === list && list.moveBefore) list.moveBefore(child, there);
    else list.insertBefore(child, there);
  });
  if (focused && list.contains(focused)) focused.focus({ preventScroll: true });
}

/** As `arrange`, and the children glide from where they were to where they are. */
export function glide(list, wanted) {
  const before = new Map([...list.children].map((child) => [child, child.getBoundingClientRect().top]));
  arrange(list, wanted);
  if (calm()) return;
  for (const child of list.children) {
    const from = before.get(child);
    const by = from === undefined ? 0 : from - child.getBoundingClientRect().top;
    const frames = from === undefined ? [{ opacity: 0 }, { opacity: 1 }] : [{ transform: `translateY(${by}px)` }, { transform: 'none' }];
    if (from === undefined || by) child.animate(frames, { duration: 320, easing: 'cubic-bezier(.2,.7,.2,1)' });
  }
}

/** Storage that may be forbidden or full, as in files opened from a disk. */
function guarded(storage) {
  return {
    get(key) {
      try {
        return JSON.parse(storage().getItem(key));
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        if (value === null) storage().removeItem(key);
        else storage().setItem(key, JSON.stringify(value));
      } catch {
        // It is kept for this visit only.
      }
    },
  };
}
export const kept = guarded(() => localStorage);
export const session = guarded(() => sessionStorage);

/** Calls `run` once, a while after the last call. */
export function later(run, wait) {
  let timer = 0;
  return (...all) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...all), wait);
  };
}

const thousands = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
export const whole = (number) => thousands.format(number);
export const fixed = (number, digits = 1) => (Number.isFinite(number) ? number.toFixed(digits) : '–');
/** With its sign, a real minus. */
export const signed = (number, digits = 2) => {
  const shown = Math.abs(number).toFixed(digits);
  return (Number(shown) === 0 ? '±' : number > 0 ? '+' : '−') + shown;
};
export const plural = (count, one, many = `${one}s`) => `${whole(count)} ${count === 1 ? one : many}`;

/** What to show where something failed, with a way to try again. */
export function failure(error, again) {
  return h(
    'div',
    { class: 'failure', role: 'alert' },
    h('p', { class: 'failure-title' }, error.title ?? 'Something went wrong'),
    h('p', null, error.detail ?? error.message),
    again && h('button', { type: 'button', class: 'button', onclick: again }, 'Try again'),
  );
}

/** Grey lines in the size of what is being loaded. */
export const ghosts = (count, name = 'ghost') =>
  Array.from({ length: count }, () => h('li', { class: `ghost ${name}`, 'aria-hidden': 'true' }));
