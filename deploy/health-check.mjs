/** Ends with 0 when the address answers with a status of 200 to 299 within three seconds: for images without curl. */
const [address] = process.argv.slice(2);
const answer = await fetch(address, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined);
process.exitCode = answer?.ok ? 0 : 1;
