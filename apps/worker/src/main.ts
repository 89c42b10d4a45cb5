import { setFlagsFromString } from 'node:v8';

// The garbage of loading modules would make V8 grow its young generation by some 30 MB that it never gives back. The
// flag is read at each collection, so it can be set for the start alone; that needs the modules to be loaded after it.
setFlagsFromString('--optimize-for-size');
const { startWorker } = await import('./start-worker.js');
await startWorker();
setFlagsFromString('--no-optimize-for-size');
