import type { components, operations } from "../../../dashboard/src/api/__generated__/schema.ts";

/** Every operation of the API, by its name in `/openapi.json`. */
export type Operation = keyof operations;

/** What the API says of its own objects. */
export type Schemas = components["schemas"];

/** A type without what does not show in JSON, and without a look at the members named `Blurred`. */
type Plain<T, Blurred> = T extends readonly unknown[]
  ? { -readonly [At in keyof T]: Plain<T[At], Blurred> }
  : T extends object
    ? {
        -readonly [Name in keyof T]: Name extends Blurred
          ? unknown
          : Plain<Exclude<T[Name], undefined>, Blurred>;
      }
    : T;

type Identical<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** True for two types that say the same of JSON: the same members, and as much of each. */
export type Same<A, B, Blurred = never> = Identical<Plain<A, Blurred>, Plain<B, Blurred>>;

type Success<Name extends Operation> = operations[Name]["responses"] extends infer Responses
  ? Responses[keyof Responses]
  : never;

/** What an operation answers. A list that comes whole is taken out of its `data`. */
export type Answer<Name extends Operation> =
  Success<Name> extends { content: { "application/json": infer Body } }
    ? Body extends { data: infer Items }
      ? Identical<keyof Body, "data"> extends true
        ? Items
        : Body
      : Body
    : undefined;

type Content<Request> = Request extends { content: infer Body } ? Body[keyof Body] : never;

/** What an operation is asked with. */
export type Body<Name extends Operation> = operations[Name] extends { requestBody?: infer Request }
  ? Content<Exclude<Request, undefined>>
  : never;

/** What an operation takes in its address, where a flag is a word. */
export type QueryOf<Name extends Operation> = Flags<
  Exclude<operations[Name]["parameters"]["query"], undefined>
>;

type Flags<Query> = [Query] extends [never] ? never : { [Of in keyof Query]: Flag<Query[Of]> };

type Flag<Value> =
  Identical<Exclude<Value, undefined>, "true" | "false"> extends true ? boolean : Value;
