import { timeOfId } from "../../core/ids.ts";

/** `2026-11-21/7f/<uuid>`: by day, so that a day goes as a whole, and not all of a day in one directory. */
export function placeOfFile(id: string): string {
  return `${dayName(timeOfId(id))}/${id.slice(-2)}/${id}`;
}

export function dayName(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** Whether a name is a day's, and that day had ended before an instant. */
export function isDayBefore(name: string, at: number): boolean {
  return DAY.test(name) && name < dayName(at);
}
