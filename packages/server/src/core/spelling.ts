/** Of a word so much may be wrong; with more it is another word. */
const MOST_WRONG = 0.34;

/** The candidate that needs the fewest letters added, dropped or changed to become the text; null when none is near. */
export function nearest(text: string, candidates: readonly string[]): string | null {
  let found: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(text, candidate);
    if (distance < least && distance <= candidate.length * MOST_WRONG) {
      least = distance;
      found = candidate;
    }
  }
  return found;
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
