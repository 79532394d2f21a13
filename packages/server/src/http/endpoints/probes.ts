import { CurlewError } from "../../core/errors.ts";
import type { Queryable } from "../../core/events/recording.ts";
import { publicId } from "../../core/ids.ts";
import type { Principal } from "../../core/workspaces/principal.ts";
import type { EndpointView } from "../../delivery/directory/directory.ts";
import { type Endpoint, findEndpoint } from "../../storage/endpoints/endpoints.ts";
import { notFound } from "../api.ts";
import { ownerOf } from "../resource.ts";

/** What this process knows of an endpoint, as deliveries go by it; null when it is not there. */
export type FindView = (endpoint: Endpoint) => Promise<EndpointView | null>;

/** The endpoint as deliveries know it; refuses one that could not be signed for. */
export async function requireView(findView: FindView, endpoint: Endpoint): Promise<EndpointView> {
  const view = await findView(endpoint);
  if (!view) throw notFound("ep", publicId("ep", endpoint.id));
  if (view.dialect.secret.isMade && view.secrets.length === 0) {
    throw new CurlewError("conflict", "Its signing secret cannot be opened: rotate it.");
  }
  return view;
}

export async function requireEndpoint(
  db: Queryable,
  principal: Principal,
  id: string,
): Promise<Endpoint> {
  const endpoint = await findEndpoint(db, ownerOf(principal), id);
  if (endpoint) return endpoint;
  throw notFound("ep", publicId("ep", id));
}
