import { sealedBody } from "../../core/endpoints/hold-key.ts";
import type { AddressBody } from "../../core/messages/media.ts";
import type { Logger } from "../../core/outside/log.ts";
import { seal } from "../../runtime/secrets/sealing.ts";
import type { NewEvent } from "../../storage/events/events.ts";
import type { EndpointView, WorkspaceView } from "../directory/directory.ts";

/** An event whose body may be one that is not to be kept. */
interface Sealable {
  readonly event: NewEvent;
  readonly clear: string | null;
  sealed: ReadonlyMap<number, string> | null;
}

interface HoldingDeps {
  logger: Logger;
  addressBody: AddressBody;
}

/**
 * Where a body is not to be kept, and an endpoint has given a key: what it is to be sent is sealed to that
 * key, and kept so. Costs nothing where no body is purged.
 */
export async function sealBodies(
  appended: readonly Sealable[],
  views: ReadonlyMap<string, WorkspaceView>,
  deps: HoldingDeps,
): Promise<void> {
  for (const each of appended) {
    if (each.clear === null) continue;
    const endpoints = views.get(each.event.workspaceId)?.endpoints;
    const holding = each.event.targets.flatMap((serial) => endpoints?.get(serial) ?? []);
    const sealed = new Map<number, string>();
    for (const endpoint of holding) {
      const body = await sealFor(endpoint, each, deps);
      if (body !== null) sealed.set(endpoint.serial, body);
    }
    if (sealed.size === 0) continue;
    each.sealed = sealed;
    each.event.held = JSON.stringify(Object.fromEntries(sealed));
  }
}

/** Null without a key, and with one that nothing can be sealed to: it is then as if there were none. */
async function sealFor(
  { holdKey, dialect, speech, serial }: EndpointView,
  { event, clear }: Sealable,
  { logger, addressBody }: HoldingDeps,
): Promise<string | null> {
  if (holdKey === null || clear === null) return null;
  const native = addressBody(clear, serial);
  const body = dialect.render({ native, history: event.history }, speech, dialect.renderer);
  try {
    return sealedBody(event.type, await seal(holdKey, body));
  } catch (error) {
    logger.error(
      { err: error, endpoint: serial },
      "a body could not be sealed to the receiver's key",
    );
    return null;
  }
}
