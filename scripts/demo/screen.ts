import { STATUS_CODES } from "node:http";
import { styleText } from "node:util";
import { curlOf, type DemoAnswer, type DemoRequest } from "./curl.ts";
import { jsonLines } from "./json-lines.ts";
import type { Arrival } from "./receiver.ts";

export interface Terminal {
  write(text: string): void;
  colours: boolean;
}

export type Screen = ReturnType<typeof createScreen>;

const WIDTH = 96;
const LABEL_WIDTH = 20;

/** What the demo shows. Commands are printed so that they can be copied as they stand. */
export function createScreen({ write, colours }: Terminal) {
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    // Whether the terminal shows colours was found out already.
    colours ? styleText(format, text, { validateStream: false }) : text;
  const dim = (text: string) => style("dim", text);
  const print = (text = "") => write(`${text}\n`);
  const printLines = (lines: readonly string[], indent: string) => {
    for (const line of lines) print(`${indent}${line}`);
  };
  const mark = (isGood: boolean) => (isGood ? style("green", "✓") : style("red", "✗"));
  let step = 0;

  return {
    title(text: string, ...lines: string[]): void {
      print();
      print(style("bold", text));
      printLines(lines, "");
    },
    text(...lines: string[]): void {
      print();
      printLines(lines, "");
    },
    /** Names beside what they stand for. */
    facts(facts: readonly (readonly [name: string, ...values: string[]])[]): void {
      const nameWidth = widthOf(facts.map(([name]) => name));
      const valueWidth = widthOf(facts.map(([, value = ""]) => value));
      print();
      for (const [name, value = "", note = ""] of facts) {
        const words = [style("bold", name.padEnd(nameWidth))];
        words.push(style("cyan", note === "" ? value : value.padEnd(valueWidth)));
        if (note !== "") words.push(dim(note));
        print(`  ${words.join("  ")}`);
      }
    },
    step(heading: string, ...lines: string[]): void {
      step += 1;
      const head = `${step}  ${heading}`;
      const line = "─".repeat(Math.max(3, WIDTH - head.length - 4));
      print();
      print();
      print(`${style("magenta", "──")} ${style("bold", head)} ${style("magenta", line)}`);
      printLines(lines.map(dim), "      ");
    },
    curl(request: DemoRequest): void {
      print();
      command(request);
      print();
    },
    /** A command that the reader may try, and what comes of it. */
    suggestion(words: string, request: DemoRequest): void {
      print();
      print(`  ${words}`);
      command(request);
    },
    blank(): void {
      print();
    },
    /** What a request was answered, and what matters in it. */
    answer({ status }: DemoAnswer, said: string): void {
      const words = `${status} ${STATUS_CODES[status] ?? ""}`.trim();
      print(`  ${mark(status < 400)} ${style("bold", words)}  ${said}`);
    },
    fact(text: string): void {
      print(`  ${mark(true)} ${text}`);
    },
    note(text: string): void {
      print(`  ${dim(text)}`);
    },
    /** A webhook in one line. */
    arrival(arrival: Arrival): void {
      print(headline(arrival));
    },
    /** A webhook with its headers and its whole body. */
    wholeArrival(arrival: Arrival): void {
      print(headline(arrival));
      print();
      for (const [name, value] of arrival.headers) {
        print(`      ${style("cyan", name.padEnd(LABEL_WIDTH))}${value}`);
      }
      print();
      printLines(jsonLines(JSON.parse(arrival.text), WIDTH - 6), "      ");
    },
    failure(words: string): void {
      print();
      print(`${style(["bold", "red"], "The demo did not get to its end.")} ${words}`);
    },
  };

  function command(request: DemoRequest): void {
    const lines = curlOf(request).split("\n");
    printLines(
      lines.map((line) => style("yellow", line)),
      "  ",
    );
  }

  function headline({ type, attempt, problem, answered, event }: Arrival): string {
    const seq = event?.conversation?.seq ?? null;
    const said = [
      problem === null ? "signature verified" : style("red", problem),
      ...(seq === null ? [] : [`seq ${seq}`]),
      ...(attempt === 1 ? [] : [`attempt ${attempt}`]),
      answered === 200 ? "answered 200" : style("red", `answered ${answered}`),
    ].join(dim(" · "));
    return `  ${style(["bold", "blue"], "⇠ webhook")}  ${style("bold", type.padEnd(LABEL_WIDTH + 1))} ${said}`;
  }
}

function widthOf(words: readonly string[]): number {
  return Math.max(...words.map((each) => each.length));
}
