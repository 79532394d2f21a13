import type { TestProject } from "vitest/node";
import { startTestServer } from "./database/test-server.ts";

/** Before all tests of a run: one PostgreSQL with a migrated template. After them: nothing is left. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...server } = await startTestServer(process.env["TEST_DATABASE_URL"]);
  project.provide("testServer", server);
  return stop;
}
