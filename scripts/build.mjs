import "./prepare/node-version.mjs";
import { main } from "./prepare/refusal.mjs";
import { prepare } from "./prepare.mjs";

// npm run build: installs and builds what is missing or has changed.
await main(() => prepare());
