import { expect, it } from 'vitest';
import { listenAdvice } from '../../../../proto/src/index.js';

it.each([
  ['EADDRNOTAVAIL', '127.0.0.1', '--host, such as ::1 (IPv6)'],
  ['EAFNOSUPPORT', '::1', '--host, such as 127.0.0.1 (IPv4)'],
  ['ENOTFOUND', 'nowhere', '--host that this machine can resolve'],
  ['EACCES', '127.0.0.1', '--port of 1024 or above'],
  ['EADDRINUSE', '127.0.0.1', '--port, or 0 for a free one'],
])('advises what to change when listening fails with %s on %s', (code, host, advice) => {
  expect(listenAdvice(Object.assign(new Error('listen'), { code }), host)).toContain(advice);
});
