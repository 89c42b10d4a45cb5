import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { FollowerDataSource } from '../servers/follower-data-source.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';
import { DrainedFollowers } from './drained-followers.service.js';
import { FollowerFactory } from './follower-factory.service.js';
import type { FollowerState } from './follower-state.js';
import type { FollowerSupervisor, FollowerTransition } from './follower-supervisor.js';

/** A follower that is asked right after the primary has mostly replayed by then what the primary had written. */
const LOOK_AFTER_PRIMARY_MS = 20;

/** All followers of this process, each with a supervisor that keeps its state; none where ANALYTICS_DB_URL is unset. */
@Injectable()
export class Followers implements OnModuleInit, OnApplicationShutdown {
  readonly all: readonly FollowerSupervisor[];
  private readonly onLook: (() => void)[] = [];
  private readonly onTransition: ((transition: FollowerTransition) => void)[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    factory: FollowerFactory,
    private readonly primary: PrimaryMonitor,
    private readonly dataSource: FollowerDataSource,
    drained: DrainedFollowers,
  ) {
    this.all = factory.makeAll({
      onTransition: (transition, supervisor) => this.follow(transition, supervisor),
      onLook: () => {
        for (const listener of this.onLook) listener();
      },
    });
    this.primary.whenSampled(() => this.followThePrimary());
    drained.onChange((name, isDrained) => this.all.find((one) => one.name === name)?.drain(isDrained));
  }

  onModuleInit(): void {
    for (const supervisor of this.all) supervisor.watch?.start();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    for (const supervisor of this.all) supervisor.watch?.stop();
  }

  get isServing(): boolean {
    return this.all.some((supervisor) => supervisor.isServing);
  }

  /** The best state that any follower has: what operators and `/health` are told. */
  get state(): FollowerState {
    const order: FollowerState[] = ['healthy', 'suspect', 'ramp', 'role-changed', 'open', 'connecting', 'drained'];
    return order.find((state) => this.all.some((supervisor) => supervisor.state === state)) ?? 'absent';
  }

  /** Calls `listener` after each look at a follower, whatever it found. */
  whenLooked(listener: () => void): void {
    this.onLook.push(listener);
  }

  whenChanged(listener: (transition: FollowerTransition) => void): void {
    this.onTransition.push(listener);
  }

  /** Looks at every follower that serves, at once. */
  lookNow(): void {
    for (const supervisor of this.all) if (supervisor.isServing) supervisor.watch?.hurry();
  }

  private followThePrimary(): void {
    for (const supervisor of this.all) supervisor.renewBound();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lookNow(), LOOK_AFTER_PRIMARY_MS);
    this.timer.unref();
  }

  private follow(transition: FollowerTransition, supervisor: FollowerSupervisor): void {
    if (supervisor.isServing) void this.dataSource.followerSeen(supervisor.name);
    for (const listener of this.onTransition) listener(transition);
  }
}
