// The service's own description of its endpoints, each with a line that works in a terminal.

import { announce, byId, failure, ghosts, h } from './dom.js';

const METHODS = ['get', 'post', 'put', 'delete'];

/** What a `$ref` of the document refers to. */
const resolved = (document, node, depth = 0) => {
  if (!node?.$ref || depth > 8) return node ?? {};
  const found = node.$ref
    .replace(/^#\//, '')
    .split('/')
    .reduce((at, key) => at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
  return resolved(document, found, depth + 1);
};

/** What a body is about: one of them is given, even where none is required. */
const SUBJECTS = ['pairs', 'users', 'ratings'];

/**
 * An example of a schema: `samples` by name (an item of this model, a rating of its scale), its own example, or else made of
 * its required parts.
 */
export function example(document, given, samples = {}, name = '', depth = 0) {
  const schema = resolved(document, given);
  if (samples[name] !== undefined && !schema.properties) return samples[name];
  if (schema.example !== undefined) return schema.example;
  if (schema.examples?.length) return schema.examples[0];
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  if (schema.enum) return schema.enum[0];
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice)
    return example(
      document,
      choice.find((one) => resolved(document, one).type !== 'null') ?? choice[0],
      samples,
      name,
      depth + 1,
    );
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((one) => example(document, one, samples, name, depth + 1)));
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type;
  if (depth > 6) return null;
  if (type === 'object' || schema.properties) {
    const { properties = {} } = schema;
    const wanted = new Set(schema.required ?? []);
    const subject = SUBJECTS.find((one) => properties[one]);
    if (!depth && subject) wanted.add(subject);
    return Object.fromEntries(
      Object.keys(properties)
        .filter((one) => wanted.has(one))
        .map((one) => [one, example(document, properties[one], samples, one, depth + 1)]),
    );
  }
  if (type === 'array') return [example(document, schema.items, samples, name.replace(/s$/, ''), depth + 1)];
  return { integer: 1, number: 1, boolean: true, string: '1' }[type] ?? null;
}

const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The command line of an operation. */
export function curl(document, base, path, method, operation, { token, samples }) {
  const parameters = (operation.parameters ?? []).map((one) => resolved(document, one));
  const sample = (one) => samples[one.name] ?? one.example ?? example(document, one.schema);
  const filled = path.replace(/\{([^}]+)\}/g, (_, name) =>
    encodeURIComponent(sample(parameters.find((one) => one.name === name) ?? { name, schema: { type: 'string' } })),
  );
  const query = parameters
    .filter((one) => one.in === 'query' && (one.required || one.example !== undefined))
    .map((one) => `${one.name}=${encodeURIComponent(sample(one))}`)
    .join('&');
  const address = `${base}${filled}${query ? `?${query}` : ''}`;
  const parts = ['curl'];
  if (method === 'delete' || method === 'put') parts.push(`-X ${method.toUpperCase()}`);
  if (token) parts.push(`-H "Authorization: Bearer $RECBURN_TOKEN"`);
  const content = resolved(document, operation.requestBody).content?.['application/json'];
  if (content) {
    const body = content.example ?? Object.values(content.examples ?? {})[0]?.value ?? example(document, content.schema, samples);
    parts.push(`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body))}`);
  } else if (method === 'post') parts.push('-X POST');
  return [...parts, /[?&]/.test(address) ? quoted(address) : address].join(' ');
}

function row(document, base, path, method, operation, known) {
  const line = curl(document, base, path, method, operation, known);
  const parameters = (operation.parameters ?? []).map((one) => resolved(document, one));
  const copy = h(
    'button',
    { type: 'button', class: 'button small', 'aria-label': `Copy the command for ${method.toUpperCase()} ${path}` },
    'Copy',
  );
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(line);
      copy.textContent = 'Copied';
      announce('Copied');
    } catch {
      getSelection().selectAllChildren(code); // without the right to write there: selected, to be copied by hand
      announce('Selected');
    }
    setTimeout(() => (copy.textContent = 'Copy'), 1500);
  });
  const code = h('code', null, line);
  return h(
    'li',
    { class: 'endpoint' },
    h('h3', null, h('span', { class: `method ${method}` }, method.toUpperCase()), ' ', h('span', { class: 'path' }, path)),
    h('p', null, operation.summary ?? operation.description ?? ''),
    parameters.length
      ? h(
          'dl',
          { class: 'parameters' },
          parameters.map((one) =>
            h(
              'div',
              null,
              h('dt', null, h('code', null, one.name), one.required ? null : h('span', { class: 'hint' }, ' optional')),
              h('dd', null, one.description ?? resolved(document, one.schema).description ?? ''),
            ),
          ),
        )
      : null,
    h(
      'div',
      { class: 'command' },
      h('pre', { tabindex: 0, role: 'region', 'aria-label': `Command for ${method.toUpperCase()} ${path}` }, code),
      copy,
    ),
  );
}

export function apiPanel(app) {
  const panel = byId('panel-api');
  let loaded = false;
  const show = async () => {
    if (loaded) return;
    loaded = true;
    panel.replaceChildren(h('ol', { class: 'lines' }, ghosts(8, 'tall')));
    try {
      const [document_, [most]] = await Promise.all([app.source.openapi(), app.source.popular(1, 0)]);
      const samples = { item: most?.id, rating: app.values.at(-2) };
      const known = { samples, token: Boolean(app.source.token) };
      const base = new URL('.', document.baseURI).href.replace(/\/$/, '');
      const rows = Object.entries(document_.paths).flatMap(([path, operations]) =>
        METHODS.filter((method) => operations[method]).map((method) =>
          row(document_, base, path, method, operations[method], known),
        ),
      );
      panel.replaceChildren(
        h(
          'header',
          { class: 'item-head' },
          h('h2', null, 'Endpoints'),
          h(
            'p',
            { class: 'hint' },
            'JSON in and out. Written from ',
            h('a', { href: 'openapi.json' }, 'openapi.json'),
            ` (OpenAPI ${document_.openapi}).`,
          ),
        ),
        h('ol', { class: 'endpoints', 'aria-label': 'Endpoints' }, rows),
      );
    } catch (error) {
      loaded = false;
      panel.replaceChildren(failure(error, show));
    }
  };
  return show;
}
