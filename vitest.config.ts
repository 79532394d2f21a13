import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Takes minutes, most of them waiting: what begins last, a run ends with. */
const SLOWEST = "packages/dashboard/test/every-page.test.ts";

class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlowest = ({ moduleId }: TestSpecification) => moduleId.endsWith(SLOWEST);
    return [...sorted.filter(isSlowest), ...sorted.filter((each) => !isSlowest(each))];
  }
}

export default defineConfig({
  test: {
    include: ["packages/*/{src,test}/**/*.test.ts", "{scripts,bench,soak}/**/*.test.ts"],
    globalSetup: ["packages/server/test/support/global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    // Files of a worker share the modules that they import, which is a third of a run. So no suite may
    // change what a module holds, nor the environment.
    isolate: false,
    sequence: { sequencer: SlowestFirst },
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
