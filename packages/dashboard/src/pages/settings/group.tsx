import type { ReactNode } from "react";

/** A part of the settings under its heading; hairlines between, no boxes. */
export function Group({
  title,
  note,
  end,
  children,
}: {
  title: string;
  note?: ReactNode;
  end?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="border-b border-border py-5 last:border-0">
      <div className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="text-md font-strong">{title}</h2>
        {note !== undefined && <p className="min-w-0 text-fg-3">{note}</p>}
        {end !== undefined && <div className="ml-auto flex flex-wrap gap-2">{end}</div>}
      </div>
      {children}
    </section>
  );
}
