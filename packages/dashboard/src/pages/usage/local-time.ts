/** An instant as a field of date and time holds it: here, to the minute. */
export function localInput(at: string): string {
  const date = new Date(at);
  const here = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return here.toISOString().slice(0, 16);
}

/** What the field holds, as the API takes it. */
export function utcOf(input: string): string {
  return new Date(input).toISOString();
}
