// What an exported page answers, without a browser: `node tests/page/exported.mjs PAGE.html` reads requests from standard
// input, a JSON array of `{ratings: [{id, rating}], count, minRatings}`, and prints the list for each. The functions are the page's
// own: its script runs but for its last line, which would draw.

import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const page = readFileSync(process.argv[2], 'utf8');
const inside = (tag) => {
  const start = page.indexOf(tag) + tag.length;
  if (start < tag.length) throw new Error(`there is no ${tag} in the page`);
  return page.slice(start, page.indexOf('</script>', start));
};
const document = JSON.parse(inside('<script type="application/json" id="embedded">'));
const script = inside('<script type="module">').trim();
const drawing = 'start();';
if (!script.endsWith(drawing)) throw new Error('the script of the page does not end with its start');

const { Embedded } = vm.runInNewContext(`${script.slice(0, -drawing.length)}\n({ Embedded });`, { atob, performance, console });
const model = new Embedded(document);
const answers = [];
for (const { ratings, count, minRatings } of JSON.parse(readFileSync(0, 'utf8'))) {
  const { items, unknown } = await model.recommend({ ratings, count, minRatings, genre: null, explain: 0 });
  answers.push({ unknown, items: items.map(({ id, rating, clipped }) => ({ id, rating, clipped })) });
}
console.log(JSON.stringify(answers));
