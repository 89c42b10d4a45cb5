import { DomainError } from '@app/errors';
import type { PipeTransform } from '@nestjs/common';

const INTEGER = /^[+-]?\d{1,40}$/;
const MAX = 2n ** 63n - 1n;

/**
 * An integer id from the path. No integer, or one beyond 64 bits: 400. One that is only beyond what keys can be passes
 * as the largest number that JavaScript counts exactly; no row has it, so it is not found like any other.
 */
export class ResourceIdPipe implements PipeTransform<string, number> {
  constructor(private readonly resource: 'customer' | 'account') {}

  transform(text: string): number {
    const id = INTEGER.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined;
    if (id === undefined || id > MAX || id < -MAX - 1n) {
      throw new DomainError('invalid_id', `Invalid ${this.resource} ID`);
    }
    const exact = BigInt(Number.MAX_SAFE_INTEGER);
    if (id > exact) return Number.MAX_SAFE_INTEGER;
    return id < -exact ? Number.MIN_SAFE_INTEGER : Number(id);
  }
}
