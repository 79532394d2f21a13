import "@fontsource-variable/geist";
import "@fontsource-variable/jetbrains-mono";
import "./style/app.css";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { mayPass } from "./api/problem.ts";
import { makeRouter } from "./router.tsx";
import { Gate } from "./session/gate.tsx";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server has refused it will refuse again; when it did not answer, it may.
      retry: (failures, error) => failures < 2 && mayPass(error),
    },
  },
});
const router = makeRouter();
const place = document.getElementById("root");
if (place) {
  createRoot(place).render(
    <StrictMode>
      {/* The policy of our pages takes no style element: Base UI writes none. */}
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queries}>
          <Gate>
            <RouterProvider router={router} />
          </Gate>
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
}
