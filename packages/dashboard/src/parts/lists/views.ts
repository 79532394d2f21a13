/** A list's filters under a name: a place to go back to. */
export interface View {
  name: string;
  filters: Readonly<Record<string, string>>;
}

/** With this one in the place of what had its name. */
export function withView(views: readonly View[], view: View): readonly View[] {
  return [...views.filter(({ name }) => name !== view.name), view].sort((a, b) =>
    a.name.localeCompare(b.name),
  );
}

/** Whether both narrow a list in the same way. */
export function isSame(a: View["filters"], b: View["filters"]): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** What is kept, as far as it is a list of views. */
export function parseViews(kept: string | null): readonly View[] {
  try {
    const value: unknown = JSON.parse(kept ?? "[]");
    return Array.isArray(value) ? value.filter(isView) : [];
  } catch {
    return [];
  }
}

function isView(value: unknown): value is View {
  if (typeof value !== "object" || value === null) return false;
  const { name, filters } = value as Partial<View>; // each member is looked at below
  return (
    typeof name === "string" &&
    typeof filters === "object" &&
    filters !== null &&
    Object.values(filters).every((each) => typeof each === "string")
  );
}
