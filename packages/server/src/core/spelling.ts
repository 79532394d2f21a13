/** Of a word so much may be wrong; with more it is another word. */
const MOST_WRONG = 0.34;

/** The candidate that needs the fewest letters added, dropped or changed to become the text; null when none is near. */
export function nearest(text: string, candidates: readonly string[]): string | null {
  let found: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = wrongLetters(text, candidate);
    if (distance === null || distance >= least) continue;
    least = distance;
    found = candidate;
  }
  return found;
}

/** How many letters have to be added, dropped or changed to make the word of the text; null when it is another word. */
export function wrongLetters(text: string, word: string): number | null {
  const most = word.length * MOST_WRONG;
  // Whatever its letters are: how long a text is, is up to whoever sends it.
  if (Math.abs(text.length - word.length) > most) return null;
  const distance = editDistance(text, word);
  return distance <= most ? distance : null;
}

/** In a shorter word another letter makes another word: load is none for lead. */
const LONG = 5;

/** Whether a word differs from another by one slip: a letter too many, missing, doubled or swapped, in a long one a wrong one too. */
export function isSlip(text: string, word: string): boolean {
  const [a, b] = text.length <= word.length ? [text, word] : [word, text];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  if (a.length + 1 === b.length) return a.slice(at) === b.slice(at + 1);
  if (a.length !== b.length || at === a.length) return false;
  if (a.slice(at + 1) === b.slice(at + 1)) return a.length >= LONG;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
