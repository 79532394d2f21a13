/** The values of one statement that is put together of pieces: each piece names its own. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Adds a value and gives its place, cast to a type: `$3::uuid`. */
  of(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}
