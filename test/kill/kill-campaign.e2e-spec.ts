import { expect, inject, it } from 'vitest';
import { FaultRow } from '../faults/fault-row.js';
import { BACKENDS } from '../worker/support/backends.js';
import { runCampaign, SETTLE_MS } from './kill-campaign.js';
import { CI, type KillSize } from './kill-size.js';
import { deploy } from './victims.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by `npm run test:kill`; everywhere else the campaign is as short as CI wants it. */
    killSize: KillSize | undefined;
  }
}

const size = inject('killSize') ?? CI;

it.for(BACKENDS)(
  'killing everything at random loses and doubles nothing, with the queues on %s',
  {
    timeout: size.durationMs + 3 * SETTLE_MS,
  },
  async (backend, context) => {
    const deployment = await deploy(backend);
    try {
      await deployment.untilReady();
      const counted = await runCampaign(deployment, size);
      const row = new FaultRow(context, `kills at random, queues on ${backend}`);
      const { lost, doubled, differences, log, rollups } = counted;
      row.none('jobs or effects of them lost', lost);
      row.none('effects doubled', doubled);
      row.none('rows that differ from what their writers were told', differences);
      row.none('events that a follower of the log missed', log.missing);
      row.none('events that came twice', log.doubled);
      row.none('events of an entity out of order', log.disordered);
      row.none('events whose webhook never came', counted.undelivered);
      row.none('events whose webhook came under two ids', counted.deliveredUnderTwoIds);
      row.none('figures that differ from a recount', rollups);
      for (const [victim, deaths] of counted.deaths) row.note(`deaths: ${victim}`, deaths);
      row.note('writes acknowledged', counted.acknowledged);
      row.note('writes whose outcome nobody could tell', counted.unknown);
      row.note('jobs accepted', counted.jobs);
      row.note('events followed', counted.events);
      row.note('webhooks received', counted.deliveries);
      expect(counted.acknowledged).toBeGreaterThan(100);
      expect(counted.jobs).toBeGreaterThan(10);
      expect(counted.deliveries).toBeGreaterThan(100);
    } finally {
      await deployment.close();
    }
  },
);
