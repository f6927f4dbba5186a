// Where it starts: the source of the data, the theme, the panels.

import { apiPanel } from './api.js';
import { byId, failure, whole } from './dom.js';
import { Embedded } from './embedded.js';
import { itemPanel } from './item.js';
import { mapPanel } from './map.js';
import { modelPanel } from './model.js';
import { ratePanel } from './rate.js';
import { Service } from './service.js';
import { askToken, tabs, theme } from './shell.js';
import { Ratings, choices } from './store.js';

const PANELS = { rate: ratePanel, item: itemPanel, map: mapPanel, model: modelPanel, api: apiPanel };

async function start() {
  const themed = new Set();
  theme(() => themed.forEach((run) => run()));
  const main = document.querySelector('main');
  try {
    const embedded = byId('embedded').textContent.trim();
    const source = embedded ? new Embedded(JSON.parse(embedded)) : new Service(askToken);
    const model = await source.model();
    const scale = { min: 1, max: 5, ...model.scale };
    const app = {
      source,
      model,
      scale,
      themed,
      order: model.scores === 'order',
      values: choices(scale),
      ratings: new Ratings(model.digest ?? 'any'),
    };
    byId('tab-api').hidden = source.offline;
    byId('served').textContent = [
      model.name ?? model.architecture,
      Number.isFinite(model.items) && `${whole(model.items)} items`,
      Number.isFinite(model.users) && `${whole(model.users)} users`,
    ]
      .filter(Boolean)
      .join(' · ');
    const made = {};
    const { open, go } = tabs((name, argument) => {
      made[name] ??= PANELS[name](app) ?? (() => {});
      made[name](argument);
    });
    app.go = go;
    byId('starting').remove();
    open();
  } catch (error) {
    main.replaceChildren(failure(error, () => location.reload()));
    if (!error.title) console.error(error);
  }
  main.removeAttribute('aria-busy');
}

start();
