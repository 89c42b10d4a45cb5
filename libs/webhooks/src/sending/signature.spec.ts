import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { signatureHeader } from './signature.js';
import { keyOfSecret, makeSecret } from './webhook-secret.js';

const now = () => Math.floor(Date.now() / 1_000);
const headers = (id: string, timestamp: number, signature: string) => ({
  'webhook-id': id,
  'webhook-timestamp': String(timestamp),
  'webhook-signature': signature,
});

describe('signatures', () => {
  test('are the ones of the example in the specification', () => {
    const content = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' };

    const signature = signatureHeader(content, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']);

    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('are accepted by the public library, whatever the body', () => {
    const secret = makeSecret();
    const body = fc.oneof(
      fc.json(),
      fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify({ text })),
    );
    fc.assert(
      fc.property(fc.uuid(), body, (id, text) => {
        const signature = signatureHeader({ id, timestamp: now(), body: text }, [secret]);
        expect(new Webhook(secret).verify(text, headers(id, now(), signature))).toEqual(JSON.parse(text));
      }),
    );
  });

  test('are refused by it for another body, id, time or secret', () => {
    const secret = makeSecret();
    const [id, timestamp, body] = ['one', now(), '{"a":1}'];
    const signature = signatureHeader({ id, timestamp, body }, [secret]);
    const webhook = new Webhook(secret);

    expect(() => webhook.verify('{"a":2}', headers(id, timestamp, signature))).toThrow();
    expect(() => webhook.verify(body, headers('two', timestamp, signature))).toThrow();
    expect(() => webhook.verify(body, headers(id, timestamp + 1, signature))).toThrow();
    expect(() => new Webhook(makeSecret()).verify(body, headers(id, timestamp, signature))).toThrow();
  });

  test('satisfy receivers with either secret while two are valid', () => {
    const secrets = [makeSecret(), makeSecret()];
    const content = { id: 'one', timestamp: now(), body: '{}' };

    const signature = signatureHeader(content, secrets);

    expect(signature.split(' ')).toHaveLength(2);
    for (const secret of secrets) {
      expect(new Webhook(secret).verify('{}', headers('one', content.timestamp, signature))).toEqual({});
    }
  });

  test('are made with keys of 32 random bytes', () => {
    const secrets = Array.from({ length: 100 }, makeSecret);

    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) {
      expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(keyOfSecret(secret)).toHaveLength(32);
    }
  });
});
