import type { Logger } from "../core/outside/log.ts";

/** What must be closed, the last opened first. */
export class Closing {
  readonly #logger: Logger;
  readonly #steps: (() => Promise<unknown> | unknown)[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(step: () => Promise<unknown> | unknown): void {
    this.#steps.push(step);
  }

  async close(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        this.#logger.error({ err: error }, "something did not close as it was meant to");
      }
    }
  }
}
