/** A page that opens ids which begin so. */
export interface Place {
  prefix: string;
  to(id: string): string;
}

let places: readonly Place[] = [];

/** Which pages open ids: whoever makes the pages known says so, before any of them is shown. */
export function openPlaces(pages: readonly { opens?: Place }[]): void {
  places = pages.flatMap(({ opens }) => opens ?? []);
}

/** Where an id of Curlew leads; null when no page opens its kind. */
export function placeOf(id: string): string | null {
  return places.find(({ prefix }) => id.startsWith(prefix))?.to(id) ?? null;
}

/** An id as it is pasted, with whatever stands around it. */
export function idIn(text: string): string | null {
  return /\b[a-z]{2,5}_[0-9A-Za-z]{20,}(_\d+)?\b/.exec(text)?.[0] ?? null;
}
