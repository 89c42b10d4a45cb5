import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addMember, type Person, registerAdmin } from '../builders/people.builder.js';
import { runCommandLine } from '../migrations/command-line.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { eventually } from '../support/eventually.js';

const WITHIN_MS = 1_000;

let stage: ApiStage;
let admin: Person;
let viewer: Person;
beforeAll(async () => {
  stage = await openApiStage();
  admin = await registerAdmin(stage);
  viewer = await addMember(stage, admin.organizationId, 'viewer');
});
afterAll(() => stage?.close());

const operator = (...words: string[]) =>
  runCommandLine(['operator', ...words], { DATABASE_URL: stage.database.primaryUrl });
const look = async ({ token }: Person) => (await stage.call('GET', '/api/system/replication', { token })).status;

/** Asks again and again, as an open page does, and expects the new answer from a second after the command on. */
async function expectWithinASecond(person: Person, status: number): Promise<void> {
  await eventually(async () => expect(await look(person)).toBe(status), WITHIN_MS, 50);
  for (let round = 0; round < 10; round += 1) {
    expect(await look(person)).toBe(status);
    await sleep(60);
  }
}

describe('npm run operator', () => {
  it('makes somebody who is signed in an operator, and takes it back, within a second', async () => {
    expect(await look(viewer)).toBe(403);
    const granted = await operator('grant', viewer.username);
    expect(granted).toEqual({
      code: 0,
      out: `"${viewer.username}" is an operator now, within a second everywhere\n`,
      error: '',
    });
    await expectWithinASecond(viewer, 200);
    expect(await look(admin)).toBe(403);

    const revoked = await operator('revoke', viewer.username);
    expect(revoked).toEqual({
      code: 0,
      out: `"${viewer.username}" is no operator any more, within a second everywhere\n`,
      error: '',
    });
    await expectWithinASecond(viewer, 403);
  });

  it('goes by the database and not by what the token says', async () => {
    const former = await addMember(stage, admin.organizationId, 'viewer', true);
    await expectWithinASecond(former, 200);
    await operator('revoke', former.username);
    await expectWithinASecond(former, 403);
    await operator('grant', former.username);
    await stage.sql('DELETE FROM users WHERE username = $1', [former.username]);
    await expectWithinASecond(former, 403);
  });

  it('changes nothing the second time, and says so', async () => {
    await operator('grant', admin.username);
    expect(await operator('grant', admin.username)).toEqual({
      code: 0,
      out: `"${admin.username}" was an operator already: nothing was changed\n`,
      error: '',
    });
    await operator('revoke', admin.username);
    expect(await operator('revoke', admin.username)).toMatchObject({
      code: 0,
      out: `"${admin.username}" was no operator: nothing was changed\n`,
    });
  });

  it('lists the operators with their organizations', async () => {
    expect(await operator('list')).toMatchObject({ code: 0, out: 'There are no operators\n' });
    await operator('grant', admin.username);
    await operator('grant', viewer.username);
    const lines = [admin, viewer].map(({ username }) => `"${username}" of the organization "${admin.username}"\n`);
    expect(await operator('list')).toMatchObject({ code: 0, out: lines.sort().join('') });
    await operator('revoke', admin.username);
    await operator('revoke', viewer.username);
  });

  it('says in one line what it can’t do', async () => {
    expect(await operator('grant', 'nobody\u001b[2J')).toEqual({
      code: 1,
      out: '',
      error: 'There is no user "nobody\\u001b[2J"\n',
    });
    expect(await operator('appoint', admin.username)).toEqual({
      code: 2,
      out: '',
      error: `After operator comes grant USERNAME, revoke USERNAME or list, not "appoint ${admin.username}"\n`,
    });
  });
});
