import { SquareTerminal } from "lucide-react";
import { type ReactNode, useState } from "react";
import { partWords } from "../../words/index.ts";
import { Button } from "../controls/button.tsx";
import { CodeFrame, PlainCode } from "./code.tsx";

/** The same act as a call of the API. */
export interface ApiCall {
  method: string;
  /** `/v1/endpoints` */
  path: string;
  body?: unknown;
}

/** As curl, for a shell: the key is a variable, the body is quoted. */
export function curlOf({ method, path, body }: ApiCall): string {
  const lines = [
    `curl -X ${method} ${quoted(`${location.origin}${path}`)}`,
    '  -H "Authorization: Bearer $CURLEW_KEY"',
  ];
  if (body !== undefined) {
    lines.push("  -H 'Content-Type: application/json'");
    lines.push(`  --data-binary ${quoted(JSON.stringify(body, null, 2))}`);
  }
  return lines.join(" \\\n");
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A button that shows the call, and the call. Gives both, for a form puts them apart. */
export function useApiCall(call: ApiCall): { button: ReactNode; shown: ReactNode } {
  const [isShown, setShown] = useState(false);
  const text = isShown ? curlOf(call) : "";
  return {
    button: (
      <Button
        kind="quiet"
        icon={SquareTerminal}
        aria-expanded={isShown}
        onClick={() => setShown(!isShown)}
      >
        {isShown ? partWords.confirm.hideApiCall : partWords.confirm.asApiCall}
      </Button>
    ),
    shown: isShown ? (
      <CodeFrame title={partWords.confirm.asApiCall} raw={text} what="curl">
        <PlainCode text={text} numbered={false} wrap />
      </CodeFrame>
    ) : null,
  };
}
