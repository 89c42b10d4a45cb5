import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '@app/embedded-postgres';
import { startProcess, type TestProcess } from '../../support/processes.js';

/** A Redis of one test file's own. It keeps nothing: killed and started again, it is empty. */
export class RedisServer {
  private process: TestProcess | undefined;
  private readonly directory = mkdtempSync(join(tmpdir(), 'tandem-redis-'));

  private constructor(private readonly port: number) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await findFreePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.process = startProcess('', { command: 'redis-server', arguments: [...settings, '--dir', this.directory] });
    await this.untilItAnswers();
  }

  async kill(): Promise<void> {
    this.process?.child.kill('SIGKILL');
    await this.process?.exited();
  }

  /** It keeps its connections and answers nothing. */
  pause(): void {
    this.process?.child.kill('SIGSTOP');
  }

  resume(): void {
    this.process?.child.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    // Killed, since one that was paused would not hear of SIGTERM.
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async untilItAnswers(): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if (await isListening(this.port)) return;
      await sleep(25);
    }
    throw new Error(`redis-server did not start:\n${this.process?.output()}`);
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
