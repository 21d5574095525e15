import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/**
 * Whoever asks, as far as limits go: the address at the other end, of IPv6 the network (a client has all of it). What
 * headers of proxies say is not believed.
 */
export function clientOf(c: Context): string {
  const address = (c.env as Partial<HttpBindings> | undefined)?.incoming?.socket?.remoteAddress ?? 'here';
  if (address.startsWith('::ffff:')) return address.slice('::ffff:'.length);
  return address.includes(':') ? network(address) : address;
}

/** The first 64 bits. */
function network(address: string): string {
  const [head, tail] = address.split('%')[0].split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const all = tail === undefined ? groups : [...groups, ...Array(8 - groups.length - rest.length).fill('0'), ...rest];
  return all.slice(0, 4).join(':');
}
