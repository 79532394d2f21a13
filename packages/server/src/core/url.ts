/**
 * Null for what is no URL. Not by `URL.canParse`: once Node 20 has optimised it, it reads Latin-1 as
 * UTF-8 and refuses `https://bücher.example`.
 */
export function readUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
