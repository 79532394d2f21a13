import { useRouter } from "@tanstack/react-router";
import { Failed } from "../parts/lists/blank.tsx";
import { PageHead } from "../parts/page-head.tsx";

/** In the place of a page whose code nobody answered for. */
export function Unreached({ title, error }: { title: string; error: Error }) {
  const router = useRouter();
  return (
    <>
      <PageHead title={title} />
      <Failed what={title} error={error} onAgain={() => void router.invalidate()} />
    </>
  );
}
