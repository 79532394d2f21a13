import { useQueryClient } from "@tanstack/react-query";
import { Suspense, useSyncExternalStore } from "react";
import { api, taken } from "../api/client.ts";
import { meQuery, useMe } from "../api/me.ts";
import { isRenewing, noteSignedIn, onRenewal, settleRenewal } from "../api/renewal.ts";
import { Dialog } from "../parts/dialogs/dialog.tsx";
import { fetched } from "../parts/late/fetched.ts";
import { sessionWords } from "../words/index.ts";

const SignInForm = fetched(() => import("./sign-in-form.tsx").then((it) => it.SignInForm));

/** Over the page: nothing that was typed is lost, and what was refused is sent again. */
export function ExpiredSession() {
  const isOpen = useSyncExternalStore(onRenewal, isRenewing);
  const me = useMe();
  const queries = useQueryClient();
  const words = sessionWords.expired;
  const goOn = async () => {
    noteSignedIn(false);
    const now = await taken(api.GET("/v1/me")).catch(() => null);
    // Somebody else: what stands here is not theirs.
    if (now?.person?.id !== me.person?.id) location.reload();
    else {
      noteSignedIn(true);
      if (now) queries.setQueryData(meQuery.queryKey, now);
      settleRenewal(true);
    }
  };
  return (
    <Dialog
      open={isOpen}
      onOpenChange={() => {}}
      dismissible={false}
      title={words.title}
      text={words.text}
      width={440}
    >
      <Suspense fallback={null}>
        {isOpen && <SignInForm onIn={() => void goOn()} email={me.person?.email ?? ""} />}
      </Suspense>
    </Dialog>
  );
}
