// Joins `parts/` into `index.html`: `node crates/serve/page/build.mjs`, or with `--check` to see whether it is up to date.
//
// The parts are modules, so that each can be read and tested by itself. Here their imports and exports are dropped and they
// become one script; a name that two parts declare is a syntax error, which is looked for. The content security policy
// names the hashes of the script and the style, and nothing else may run.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import vm from 'node:vm';

const here = new URL('.', import.meta.url);
const read = (name) => readFileSync(new URL(`parts/${name}`, here), 'utf8');

const STYLES = ['base', 'controls', 'panels'];
const SCRIPTS = [
  'text',
  'fold',
  'project',
  'dom',
  'store',
  'service',
  'embedded',
  'stars',
  'search',
  'lines',
  'why',
  'as-user',
  'shell',
  'rate',
  'item',
  'map-view',
  'map',
  'chart',
  'diagram',
  'results',
  'model',
  'api',
  'main',
];

const part = (name) =>
  read(`${name}.js`)
    .replace(/^import [^;]*;\n/gm, '')
    .replace(/^export (?!default)/gm, '')
    .trim();
const script = `\n${SCRIPTS.map((name) => `// ---- ${name}\n\n${part(name)}`).join('\n\n')}\n`;
const style = `\n${STYLES.map((name) => read(`${name}.css`).trim()).join('\n\n')}\n`;
new vm.Script(`async () => {${script}}`);
if (/<\/(script|style)/i.test(script + style)) throw new Error('a part would end its own element');

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'`;
const page = read('page.html')
  .replace('{{policy}}', () => policy)
  .replace('{{style}}', () => style)
  .replace('{{script}}', () => script);

const target = new URL('index.html', here);
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== page) {
    console.error('crates/serve/page/index.html is not what its parts make: run `node crates/serve/page/build.mjs`');
    process.exit(1);
  }
} else {
  writeFileSync(target, page);
  console.log(`index.html: ${Math.round(page.length / 1024)} KiB`);
}
