import { isIPv6 } from "node:net";

const HIGHEST_PORT = 65_535;

/** Why a text that the URL parser refuses is no https:// URL: what is wrong first, in words. */
export function urlProblem(text: string): string {
  const [start] = /^\s*https?:[/\\]*/i.exec(text) ?? [];
  if (start === undefined) return "the URL must begin with https://";
  const [authority = ""] = text
    .slice(start.length)
    .trimEnd()
    .split(/[/\\?#]/);
  // What stands before it may be a password.
  const place = authority.slice(authority.lastIndexOf("@") + 1);
  return place.startsWith("[") ? literalProblem(place) : nameProblem(place);
}

function literalProblem(place: string): string {
  const [, address, rest = ""] = /^\[([^\]]*)\](.*)$/.exec(place) ?? [];
  if (address === undefined) return "the IPv6 address in the URL lacks its closing bracket";
  if (!isIPv6(address)) return `"${address}" is not an IPv6 address`;
  return rest.startsWith(":") ? portProblem(rest.slice(1)) : `"${place}" is not a host`;
}

function nameProblem(place: string): string {
  const [, host = "", port] = /^([^:]*)(?::(.*))?$/.exec(place) ?? [];
  if (host === "") return "the URL names no host";
  if (/\s/.test(host)) return "a host name may not hold a space";
  if (port !== undefined && !isPort(port)) return portProblem(port);
  return `"${host}" is not a host name`;
}

function isPort(port: string): boolean {
  return /^\d*$/.test(port) && Number(port) <= HIGHEST_PORT;
}

function portProblem(port: string): string {
  return /^\d+$/.test(port)
    ? `port ${port} is above ${HIGHEST_PORT}, the highest that there is`
    : `the port "${port}" is not a number`;
}
