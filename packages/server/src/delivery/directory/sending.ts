import {
  authorization,
  type ClientCertificate,
  type ClientCredentials,
  type EndpointAuth,
} from "../../core/endpoints/endpoint-auth.ts";

export interface EndpointAccess {
  clientCertificate?: ClientCertificate | undefined;
  oauth2?: ClientCredentials | undefined;
}

/** What requests to an endpoint carry of its own, and what their connections do. */
export interface Sending {
  headers: Readonly<Record<string, string>>;
  access: EndpointAccess | null;
  accessKey: string;
}

/** Of an endpoint that has given nothing. */
export const PLAIN: Sending = { headers: {}, access: null, accessKey: "" };

/** From JSON that our own API has checked. */
export function sendingOf(
  headers: string | null,
  text: string | null,
  sealed: string | null,
): Sending {
  const own = headers === null ? {} : readHeaders(headers);
  if (text === null) return { ...PLAIN, headers: own };
  const auth = JSON.parse(text) as EndpointAuth; // as the API's schema let it in
  const header = authorization(auth);
  const clientCertificate = auth.client_certificate;
  const oauth2 = auth.type === "oauth2" ? auth : undefined;
  const isOfConnection = clientCertificate !== undefined || oauth2 !== undefined;
  return {
    headers: header === null ? own : { ...own, authorization: header },
    access: isOfConnection ? { clientCertificate, oauth2 } : null,
    // The end of a sealed text is another one each time it is sealed.
    accessKey: isOfConnection && sealed !== null ? sealed.slice(-32) : "",
  };
}

/** Written by our own API, which has checked the names and values. */
function readHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(JSON.parse(text))) headers[name] = String(value);
  return headers;
}
