import "./prepare/node-version.mjs";
import { main } from "./prepare/refusal.mjs";
import { prepare } from "./prepare.mjs";

// Before the checks that need tools but nothing built.
await main(() => prepare({ built: false }));
