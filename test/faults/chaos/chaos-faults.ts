import type { EmbeddedFollower } from '@app/embedded-postgres';
import { pauseReplay, resumeReplay } from '../../follower/replay.js';
import { ask } from '../../support/questions.js';
import { resumeServer, signalServer } from '../../support/server-signals.js';
import { GARBAGE } from '../garbage.js';
import { SILENCE, type SwappableAddress } from '../swappable-address.js';
import { freezeWalReceiver } from '../walreceiver.js';
import type { SeededRandom } from './seeded-random.js';

/** A follower and the address by which the API reaches it. */
export interface Target {
  follower: EmbeddedFollower;
  address: SwappableAddress;
}

/** What can happen to a follower. `inflict` resolves with what ends it. */
export interface ChaosFault {
  name: string;
  inflict(target: Target, random: SeededRandom): Promise<() => Promise<unknown> | unknown>;
}

const nothing = (): void => undefined;
const swapped = async ({ follower, address }: Target, ...[behind, open]: Parameters<SwappableAddress['swap']>) => {
  await address.swap(behind, open);
  return () => address.swap({ url: follower.url });
};

/** `impostorUrl`: a database of another system that lets the same user in. */
export const chaosFaults = (impostorUrl: string): ChaosFault[] => [
  {
    name: 'SIGSTOP and SIGCONT',
    inflict: async ({ follower }) => {
      await signalServer(follower, 'SIGSTOP');
      return () => resumeServer(follower);
    },
  },
  {
    name: 'SIGKILL and start',
    inflict: async ({ follower }) => {
      await signalServer(follower, 'SIGKILL');
      return () => follower.start();
    },
  },
  {
    name: 'fast restart',
    inflict: async ({ follower }) => {
      await follower.stop('fast');
      await follower.start();
      return nothing;
    },
  },
  {
    name: 'replay paused',
    inflict: async ({ follower }) => {
      await pauseReplay(follower.url);
      return () => resumeReplay(follower.url);
    },
  },
  { name: 'walreceiver stopped', inflict: async ({ follower }) => freezeWalReceiver(follower) },
  {
    name: 'backends terminated',
    inflict: async ({ follower }) => {
      await ask(
        follower.url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
      );
      return nothing;
    },
  },
  { name: 'address refuses', inflict: (target) => swapped(target, 'nothing') },
  {
    name: 'address never answers',
    inflict: (target, random) => swapped(target, SILENCE, random.pick(['reset', 'hang'])),
  },
  { name: 'address answers garbage', inflict: (target, random) => swapped(target, random.pick(GARBAGE)[1]) },
  { name: 'address of another database', inflict: (target) => swapped(target, { url: impostorUrl }) },
  {
    name: 'promoted',
    inflict: async ({ follower }) => {
      await ask(follower.url, 'SELECT pg_promote()');
      return async () => {
        await follower.copyAnew('the chaos promoted it');
        await follower.start();
      };
    },
  },
];
