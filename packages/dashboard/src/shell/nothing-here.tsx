import { ButtonLink } from "../parts/controls/button.tsx";
import { PageTitle } from "../parts/page-head.tsx";
import { shellWords } from "../words/index.ts";

export function NothingHere() {
  const words = shellWords.nothingHere;
  return (
    <div className="p-7">
      <PageTitle>{words.title}</PageTitle>
      <p className="mt-1 mb-3.5 max-w-[60ch] text-fg-3">{words.text}</p>
      <ButtonLink to="/">{words.act}</ButtonLink>
    </div>
  );
}
