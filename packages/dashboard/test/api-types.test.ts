import { expect, test } from "vitest";
import { usedDataDirectory } from "../../server/test/support/database/data-directory.ts";
import { startServer } from "../../server/test/support/processes/server-process.ts";
import { apiTypes } from "./support/api-types.ts";

/** A server is started, on cores that others use too. */
const LIMIT_MS = 240_000;

test(
  "the types that the dashboard calls the API with are those of the server (npm run api-types writes them)",
  async () => {
    const { url } = await startServer({ dataDir: await usedDataDirectory() });
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as Parameters<
      typeof apiTypes
    >[0];
    await expect(await apiTypes(document)).toMatchFileSnapshot(
      "../src/api/__generated__/schema.ts",
    );
  },
  LIMIT_MS,
);
