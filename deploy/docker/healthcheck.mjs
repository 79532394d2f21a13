// Whether the server of this container can serve: exit code 0 or 1, and a word why.
const port = process.env.CURLEW_PORT || "8400";
try {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, {
    signal: AbortSignal.timeout(4_000),
  });
  console.log(answer.ok ? "ready" : await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.log(`no answer on port ${port}: ${error.cause?.code ?? error.message}`);
  process.exitCode = 1;
}
