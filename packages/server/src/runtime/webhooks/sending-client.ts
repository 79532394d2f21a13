import {
  createSendingThread,
  type SendingThread,
  type SendingThreadDeps,
} from "./sending-thread.ts";
import type { TargetOptions, WebhookClient } from "./webhook-client.ts";
import type { PostRequest, PostResult, Target } from "./webhook-target.ts";

/** When so many threads in a row have died before they were ready, the next one would too. */
const MOST_STILLBORN = 3;

export interface SendingClientDeps extends Omit<SendingThreadDeps, "onStart"> {
  /** This process's own connections: where threads do not start, webhooks leave from here. */
  here: WebhookClient;
}

export interface SendingClient extends SendingThread {
  /** No thread has started: this process sends by itself, until it ends. */
  readonly isWithoutThread: boolean;
}

/**
 * The sending thread, and this process's own connections where it does not start. What a thread has not
 * got by its end has not left: it is posted again with all its time, and costs nobody an attempt.
 */
export function createSendingClient({ here, ...deps }: SendingClientDeps): SendingClient {
  let stillbornInARow = 0;
  const isWithoutThread = () => stillbornInARow >= MOST_STILLBORN;
  const thread = createSendingThread({
    ...deps,
    onStart(outcome) {
      if (outcome === "ready") {
        stillbornInARow = 0;
        return;
      }
      stillbornInARow++;
      if (stillbornInARow === MOST_STILLBORN) {
        deps.logger.error(
          { threads: stillbornInARow },
          "no sending thread starts, the errors above say why: webhooks leave from the process itself until it is started again",
        );
      }
    },
  });

  function open(key: string, options: TargetOptions): Target {
    let near: Target | null = null;
    let far: Target | null = null;
    let isClosed = false;
    function current(): Target {
      if (isWithoutThread() && !isClosed) {
        near ??= here.open(key, options);
        return near;
      }
      far ??= thread.open(key, options);
      return far;
    }
    function post(request: PostRequest): Promise<PostResult> {
      return current()
        .post(request)
        .then((result) => ("isUnsent" in result ? post(request) : result));
    }
    current();
    return {
      post,
      async close() {
        isClosed = true;
        await Promise.all([near?.close(), far?.close()]);
      },
    };
  }

  return {
    open,
    eventLoopUtilization: thread.eventLoopUtilization,
    get backlog() {
      return thread.backlog;
    },
    close: () => thread.close(),
    get isWithoutThread() {
      return isWithoutThread();
    },
  };
}
