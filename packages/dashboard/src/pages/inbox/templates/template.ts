import type { Template } from "../queries.ts";
import { record, textOf } from "../reading.ts";

/** A place in a template that is filled in when it is sent. */
export interface Blank {
  component: "header" | "body";
  /** `1`, or its name where the template names its places. */
  name: string;
  /** A file's kind where it is an address. */
  media: "image" | "video" | "document" | null;
  example: string | null;
}

const PLACE = /\{\{\s*([^{}\s]+)\s*\}\}/g;

/** What a template asks for, in order. */
export function blanksOf({ components }: Template): Blank[] {
  return components.map(record).flatMap((component): Blank[] => {
    const type = String(component["type"]).toLowerCase();
    if (type !== "header" && type !== "body") return [];
    const format = String(component["format"] ?? "TEXT").toLowerCase();
    if (format === "image" || format === "video" || format === "document")
      return [{ component: type, name: format, media: format, example: null }];
    const names = [...(textOf(component, "text") ?? "").matchAll(PLACE)].map(
      ([, name]) => name ?? "",
    );
    return [...new Set(names)].map((name) => ({
      component: type,
      name,
      media: null,
      example: null,
    }));
  });
}

export function keyOf({ component, name }: Blank): string {
  return `${component} ${name}`;
}

/** The text of a part with its places filled in; what is not filled in stands as it is. */
export function filled(
  { components }: Template,
  part: "header" | "body" | "footer",
  values: Readonly<Record<string, string>>,
): string {
  const found = components.map(record).find(({ type }) => String(type).toLowerCase() === part);
  return (textOf(found ?? {}, "text") ?? "").replaceAll(
    PLACE,
    (place, name: string) => values[`${part} ${name}`] || place,
  );
}

export function buttonsOf({ components }: Template): string[] {
  return components
    .map(record)
    .filter(({ type }) => String(type).toLowerCase() === "buttons")
    .flatMap(({ buttons }) => (Array.isArray(buttons) ? buttons.map(record) : []))
    .flatMap((button) => textOf(button, "text") ?? []);
}

/** Meta's `components` for a send: a part that asks for nothing is left out. */
export function componentsFor(
  template: Template,
  values: Readonly<Record<string, string>>,
): unknown[] {
  const blanks = blanksOf(template);
  return (["header", "body"] as const).flatMap((part) => {
    const own = blanks.filter(({ component }) => component === part);
    if (own.length === 0) return [];
    const parameters = own.map((blank) => {
      const value = values[keyOf(blank)] ?? "";
      if (blank.media !== null) return { type: blank.media, [blank.media]: { link: value } };
      const named = /^\d+$/.test(blank.name) ? {} : { parameter_name: blank.name };
      return { type: "text", ...named, text: value };
    });
    return [{ type: part, parameters }];
  });
}
