import { parseJson } from "../json.ts";
import { ControlError } from "./input.ts";

/** One control command: what it does with the body of its request. */
export type ControlCommand = (input: unknown) => unknown;

/** Commands by method and path, such as `POST /_control/messages`. */
export type ControlCommands = Record<string, ControlCommand>;

export type ControlRouter = (
  method: string,
  path: string,
  text: string,
) => Promise<{ status: number; body: unknown }>;

/** Finds the command for a request; what makes no sense is answered 400 or 404 in words. */
export function createControlRouter(commands: ControlCommands): ControlRouter {
  return async (method, path, text) => {
    const route = `${method} ${path.replace(/\/+$/, "") || "/_control"}`;
    if (route === "GET /_control")
      return { status: 200, body: { commands: Object.keys(commands) } };
    const command = commands[route];
    if (!command) return { status: 404, body: { error: unknownRoute(route, commands) } };
    const input = text.trim() === "" ? {} : parseJson(text);
    if (input === undefined) {
      return { status: 400, body: { error: "The body is not JSON." } };
    }
    try {
      return { status: 200, body: (await command(input)) ?? {} };
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      return { status: 400, body: { error: error.message } };
    }
  };
}

function unknownRoute(route: string, commands: ControlCommands): string {
  const path = route.slice(route.indexOf(" ") + 1);
  const others = Object.keys(commands).filter((known) => known.endsWith(` ${path}`));
  return others.length > 0
    ? `There is no ${route}, but there is ${others.join(" and ")}.`
    : `There is no ${route}. Commands: ${Object.keys(commands).join(", ")}.`;
}
