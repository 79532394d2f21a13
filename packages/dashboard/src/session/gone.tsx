import { useQuery } from "@tanstack/react-query";
import { apiAsYourself, taken } from "../api/client.ts";
import { asRefused } from "../api/problem.ts";
import { chooseWorkspace } from "../api/workspace.ts";
import { buttonClass } from "../parts/controls/button.tsx";
import { partWords, sessionWords, shellWords } from "../words/index.ts";
import { Porch } from "./door.tsx";
import { leave } from "./sign-in.ts";

/** The workspace that was open here is there no more, or not for you: which ones are left. */
export function Gone({ name }: { name: string }) {
  const words = sessionWords.gone;
  const left = useQuery({
    queryKey: ["workspaces-left"],
    queryFn: () =>
      taken(apiAsYourself.GET("/v1/me")).then(
        ({ workspaces }) => workspaces,
        (error: unknown) => {
          if (asRefused(error).status === 403) return [];
          throw error;
        },
      ),
    gcTime: 0,
  });
  const look = buttonClass("primary", "lg");
  const open = (id: string) => {
    chooseWorkspace(id);
    location.assign("/");
  };
  return (
    <Porch title={words.title(name)} text={words.text}>
      {left.isError && (
        <button type="button" className={look} onClick={() => void left.refetch()}>
          {partWords.error.again}
        </button>
      )}
      {left.data?.length === 0 && (
        <>
          <p className="mb-3.5 text-fg-2">{words.none}</p>
          <button type="button" className={look} onClick={() => void leave()}>
            {shellWords.signOut}
          </button>
        </>
      )}
      {left.data !== undefined && left.data.length > 0 && (
        <ul aria-label={words.left} className="grid gap-2">
          {left.data.map((each) => (
            <li key={each.id} className="grid">
              <button type="button" className={look} onClick={() => open(each.id)}>
                {words.open(each.name)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </Porch>
  );
}
