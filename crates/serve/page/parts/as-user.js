// Going on as a user that the model knows: the trained row, and the visitor's ratings on top of it.

import { announce, h, plural, unique } from './dom.js';

export function asUser({ ratings, source, model }) {
  const id = unique('user');
  const field = h('input', {
    id,
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    maxlength: 200,
    'aria-describedby': `${id}-said`,
  });
  const said = h(
    'p',
    { class: 'hint', id: `${id}-said`, role: 'status' },
    `One of ${plural(model.users, 'user')} of the training data; ratings of yours are then new ratings of theirs.`,
  );
  const form = h(
    'form',
    { class: 'as-user' },
    h('label', { for: id }, 'User id'),
    h('div', { class: 'row' }, field, h('button', { class: 'button' }, 'Go on')),
    said,
  );
  const details = h('details', null, h('summary', null, 'Go on as a user of the training data'), form);
  const chip = h('p', { class: 'chip', hidden: true });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const user = field.value.trim();
    if (!user) return;
    try {
      const { ratings: many } = await source.user(user);
      ratings.become(user);
      announce(`As user ${user}, with ${plural(many, 'rating')}`);
      field.value = '';
      details.open = false;
      chip.querySelector('button').focus();
    } catch (error) {
      said.textContent = error.detail ?? error.message;
    }
  });
  const show = () => {
    const { user } = ratings;
    chip.hidden = user === null;
    details.hidden = user !== null;
    if (user === null) return;
    chip.replaceChildren(
      h('span', null, 'As user ', h('strong', null, user)),
      h(
        'button',
        {
          type: 'button',
          class: 'link',
          onclick: () => {
            ratings.become(null);
            details.querySelector('summary').focus();
          },
        },
        'Be yourself again',
      ),
    );
  };
  ratings.listeners.add(show);
  show();
  return h('div', { class: 'somebody' }, chip, details);
}
