/** Loaded into a process under test by `--import`: each SIGUSR2 blocks its event loop for a second. */
const BLOCKED_MS = 1_000;

process.on('SIGUSR2', () => {
  const until = performance.now() + BLOCKED_MS;
  while (performance.now() < until);
});
