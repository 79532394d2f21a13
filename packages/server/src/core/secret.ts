const inspect = Symbol.for("nodejs.util.inspect.custom");

/** A value that may be used but not shown: it prints as "[secret]" in logs, errors and JSON. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [inspect](): string {
    return "[secret]";
  }
}
