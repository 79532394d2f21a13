/** Where a text stops being JSON. */
export interface JsonFault {
  /** Both count from 1; a column is a UTF-16 unit. */
  line: number;
  column: number;
  /** The character there, or null where the text ends. */
  found: string | null;
  /** What JSON has there, in words. */
  expected: string;
}

const NAME = "a name in double quotes";
const IN_ARRAY = '"," or "]"';
const IN_OBJECT = '"," or "}"';
const ESCAPED = "an escape as \\n";
const SPACE = /[ \t\n\r]*/y;
const WORD = /true|false|null/y;
const ESCAPABLE = '"\\/bfnrtu';

/** The first fault of a text that is to be JSON; null where there is none. It never quotes more than a character. */
export function findJsonFault(text: string): JsonFault | null {
  const reader = new Reader(text);
  reader.read();
  if (reader.expected === null) return null;
  const { at, expected } = reader;
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  const point = text.codePointAt(at);
  return {
    line: before.split("\n").length,
    column: at - lineStart + 1,
    found: point === undefined ? null : String.fromCodePoint(point),
    expected,
  };
}

/** Reads until the end or the first fault. It keeps its own stack: depth is the text's choice. */
class Reader {
  readonly #text: string;
  readonly #open: ("{" | "[")[] = [];
  at = 0;
  /** What there should be at `at`; null while nothing is wrong. */
  expected: string | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  read(): void {
    let awaited: string | null = "a value";
    while (this.expected === null) {
      this.#pass(SPACE);
      if (awaited !== null) awaited = this.#value(awaited);
      else if (this.#open.length > 0) awaited = this.#goOn();
      else if (this.at < this.#text.length) this.expected = "the end";
      else return;
    }
  }

  /** Reads a value, or the beginning of one that is made of others. Answers what value is to come, if any. */
  #value(words: string): string | null {
    const letter = this.#text[this.at];
    if (letter === "{" || letter === "[") {
      this.at++;
      this.#open.push(letter);
      this.#pass(SPACE);
      // An empty one is closed where it would go on.
      if (this.#text[this.at] === (letter === "{" ? "}" : "]")) return null;
      return letter === "[" ? 'a value or "]"' : this.#name(`${NAME} or "}"`);
    }
    if (letter === '"') this.#string();
    else if (letter === "-" || isDigit(letter)) this.#number();
    else if (!this.#pass(WORD)) this.expected = words;
    return null;
  }

  /** What follows a value within another. Answers what value is to come, if any. */
  #goOn(): string | null {
    const isObject = this.#open.at(-1) === "{";
    if (this.#take(isObject ? "}" : "]")) {
      this.#open.pop();
      return null;
    }
    if (!this.#take(",")) this.expected = isObject ? IN_OBJECT : IN_ARRAY;
    return isObject ? this.#name(NAME) : "a value";
  }

  #name(words: string): string {
    this.#pass(SPACE);
    if (this.expected === null && this.#text[this.at] !== '"') this.expected = words;
    if (this.expected === null) this.#string();
    if (this.expected === null) this.#pass(SPACE);
    if (this.expected === null && !this.#take(":")) this.expected = '":"';
    return "a value";
  }

  #string(): void {
    this.at++;
    for (; ; this.at++) {
      const letter = this.#text[this.at];
      if (letter === undefined) this.expected = "the closing quote of a string";
      else if (letter < " ") this.expected = ESCAPED;
      else if (letter === "\\") this.#escape();
      else if (letter === '"') this.at++;
      if (letter === '"' || this.expected !== null) return;
    }
  }

  /** Ends on its last character. */
  #escape(): void {
    const letter = this.#text[++this.at];
    if (letter === undefined || !ESCAPABLE.includes(letter)) {
      this.expected = `one of ${ESCAPABLE} after a backslash`;
    } else if (letter === "u") {
      for (let digits = 0; digits < 4 && this.expected === null; digits++) {
        if (!/^[0-9a-f]$/i.test(this.#text[++this.at] ?? "")) this.expected = "a hexadecimal digit";
      }
    }
  }

  #number(): void {
    this.#take("-");
    if (!this.#take("0")) this.#digits();
    if (this.expected === null && this.#take(".")) this.#digits();
    if (this.expected !== null || !(this.#take("e") || this.#take("E"))) return;
    if (!this.#take("+")) this.#take("-");
    this.#digits();
  }

  #digits(): void {
    if (!isDigit(this.#text[this.at])) this.expected = "a digit";
    while (isDigit(this.#text[this.at])) this.at++;
  }

  #take(letter: string): boolean {
    if (this.#text[this.at] !== letter) return false;
    this.at++;
    return true;
  }

  #pass(what: RegExp): boolean {
    what.lastIndex = this.at;
    const isThere = what.test(this.#text);
    if (isThere) this.at = what.lastIndex;
    return isThere;
  }
}

function isDigit(letter: string | undefined): boolean {
  return letter !== undefined && letter >= "0" && letter <= "9";
}
