import type { ReactNode } from "react";

export function Words({ text }: { text: string }) {
  return (
    // In the direction of its own language.
    <p dir="auto" className="whitespace-pre-wrap [overflow-wrap:anywhere]">
      {text}
    </p>
  );
}

export function Note({ children }: { children: ReactNode }) {
  return <p className="text-xs text-fg-2">{children}</p>;
}
