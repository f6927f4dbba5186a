// Titles and queries as people type them: without case, accents and punctuation, the article where it is spoken, and with a
// slip of the finger.

const ARTICLE = /^(.+?), (the|a|an|le|la|les|l'|el|los|las|il|lo|gli|der|die|das|den|det|en|ett|o|os)(?= \(|$)/i;
const SKIPPED = new Set(['the', 'a', 'an', 'of', 'and']);

/** "Lantern, The (1998)" and "The  Lantern (1998)" are both "the lantern 1998". */
export function folded(title) {
  return title
    .trim()
    .replace(ARTICLE, (_, rest, article) => `${article}${article.endsWith("'") ? '' : ' '}${rest}`)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** A title as it is spoken, and its year: "Lantern, The (1998)" is ["The Lantern", "1998"]. */
export function titled(title) {
  const dated = /^(.*\S)\s*\((\d{4})(?:[-–]\d{0,4})?\)\s*$/.exec(title);
  const [name, year] = dated ? [dated[1], dated[2]] : [title, ''];
  const spoken = name.replace(ARTICLE, (_, rest, article) => `${article}${article.endsWith("'") ? '' : ' '}${rest}`);
  return [spoken, year];
}

/** Whether two words differ by at most `most` insertions, deletions, substitutions or swaps of neighbours. */
export function near(a, b, most) {
  if (Math.abs(a.length - b.length) > most) return false;
  let before = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(change, row[j] + 1, next[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    if (Math.min(...next) > most) return false;
    [before, row] = [row, next];
  }
  return row[b.length] <= most;
}

const slips = (word) => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2);

function wordMatch(word, title, last) {
  let best = 0;
  for (const other of title) {
    if (other === word) return 4;
    if (other.startsWith(word)) best = Math.max(best, last ? 3.5 : 3);
    else if (word.length > 2 && other.includes(word)) best = Math.max(best, 2);
    else if (best < 1 && slips(word)) {
      const head = last ? other.slice(0, word.length) : other;
      if (near(word, other, slips(word)) || near(word, head, slips(word))) best = 1;
    }
  }
  return best;
}

/** How well a folded query matches a folded title: 0 if it does not, more if better. Every word must be found but articles. */
export function match(query, title) {
  if (!query) return 0;
  const words = query.split(' ');
  const own = title.split(' ');
  let sum = title === query ? 6 : title.startsWith(query) ? 4 : title.includes(query) ? 2 : 0;
  let found = 0;
  for (const [at, word] of words.entries()) {
    const worth = wordMatch(word, own, at === words.length - 1);
    if (worth === 0 && !SKIPPED.has(word)) return 0;
    found += worth > 0 ? 1 : 0;
    sum += worth;
  }
  return found ? sum / words.length + sum / 100 : 0;
}

/** The best `count` of `[{ folded, ratings, ... }]` for a query, best first; on ties the one that more people have rated. */
export function best(query, entries, count) {
  const wanted = folded(query);
  const scored = [];
  for (const entry of entries) {
    const worth = match(wanted, entry.folded);
    if (worth) scored.push([worth + 0.1 * Math.log1p(entry.ratings), entry]);
  }
  scored.sort((a, b) => b[0] - a[0]);
  return scored.slice(0, count).map(([, entry]) => entry);
}
