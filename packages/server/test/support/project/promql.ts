import { parser } from "@prometheus-io/lezer-promql";

/** A metric that an expression asks for, and what it asks of its labels. */
export interface Asked {
  metric: string;
  matchers: { label: string; operator: string; value: string }[];
}

export interface Expression {
  asked: Asked[];
  /** The labels that results are grouped by. */
  grouping: string[];
}

/** Reads a PromQL expression; throws where it is none. Grafana's variables are filled in first. */
export function readExpression(text: string): Expression {
  const filled = text.replaceAll("$__rate_interval", "5m").replaceAll(/\$(\w+)/g, "$1");
  const asked: Asked[] = [];
  const grouping: string[] = [];
  parser.parse(filled).iterate({
    enter({ type, from, to, node }) {
      const words = filled.slice(from, to);
      if (type.isError) throw new Error(`no PromQL at ${from}: ${filled}`);
      if (type.name === "VectorSelector") {
        const metric = node.getChild("Identifier");
        asked.push({ metric: metric ? filled.slice(metric.from, metric.to) : "", matchers: [] });
      }
      if (type.name === "UnquotedLabelMatcher") {
        const [, label = "", operator = "", value = ""] =
          /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/s.exec(words) ?? [];
        if (label === "") throw new Error(`not understood: ${words}`);
        asked.at(-1)?.matchers.push({ label, operator, value });
      }
      if (type.name === "GroupingLabels") grouping.push(...(words.match(/\w+/g) ?? []));
    },
  });
  return { asked, grouping };
}
