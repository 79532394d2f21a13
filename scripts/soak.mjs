import "./prepare/node-version.mjs";
import { launch } from "./launch.mjs";
import { main } from "./prepare/refusal.mjs";

await main(() => launch("soak/main.ts"));
