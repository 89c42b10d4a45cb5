import { describe, expect, test } from 'vitest';
import { targetProblem } from './target-url.js';

const strict = { allowPrivate: false };
const forTests = { allowPrivate: true };

describe('which URLs may be targets', () => {
  test.each([
    'https://example.com/hooks?tenant=1',
    'https://EXAMPLE.com:8443',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/hooks',
    // Told by what the name resolves to, when it is connected to.
    'https://localhost/hooks',
    'https://münchen.example/',
  ])('%s', (url) => {
    expect(targetProblem(url, strict)).toBeUndefined();
  });

  test.each([
    ['nothing', ''],
    ['no URL', 'example.com/hooks'],
    ['plain http', 'http://example.com/'],
    ['another protocol', 'ftp://example.com/'],
    ['a file', 'file:///etc/passwd'],
    ['credentials', 'https://user:secret@example.com/'],
    ['a fragment', 'https://example.com/#here'],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback as one number', 'https://2130706433/'],
    ['loopback in octal', 'https://0177.0.0.1/'],
    ['loopback in hex', 'https://0x7f.1/'],
    ['loopback with a part left out', 'https://127.1/'],
    ['loopback in full-width digits', 'https://１２７.０.０.１/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['mapped loopback', 'https://[::ffff:127.0.0.1]/'],
    ['mapped loopback in hex', 'https://[::ffff:7f00:1]/'],
    ['NAT64', 'https://[64:ff9b::a00:1]/'],
    ['a zone', 'https://[fe80::1%25eth0]/'],
    ['a private address with a port', 'https://10.0.0.1:8443/'],
    ['metadata', 'https://169.254.169.254/latest/meta-data'],
    ['an address with a dot behind it', 'https://127.0.0.1./'],
    ['more than 2,048 characters', `https://example.com/${'a'.repeat(2_048)}`],
  ])('%s is refused', (_what, url) => {
    expect(targetProblem(url, strict)).toMatch(/^url must/);
  });

  test('the switch for tests lets http and private addresses through, and nothing else', () => {
    expect(targetProblem('http://127.0.0.1:9000/', forTests)).toBeUndefined();
    expect(targetProblem('https://[::1]:9000/', forTests)).toBeUndefined();
    expect(targetProblem('ftp://127.0.0.1/', forTests)).toMatch(/https/);
    expect(targetProblem('http://a:b@127.0.0.1/', forTests)).toMatch(/password/);
  });
});
