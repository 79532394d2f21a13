import { systemClock } from "../../../src/runtime/clock.ts";
import { startEmbedded } from "../../../src/storage/embedded/embedded-server.ts";
import { silentLogger } from "../silent-logger.ts";

// A process that runs an embedded server on the given data directory until it is told to stop.
const [dataDir = ""] = process.argv.slice(2);
const options = { dataDir, fsync: false, logger: silentLogger(), clock: systemClock() };
try {
  const server = await startEmbedded(options);
  process.once("SIGTERM", () => void server.stop());
  console.log(JSON.stringify({ url: server.url }));
} catch (error) {
  console.log(JSON.stringify({ refusal: String(error) }));
}
