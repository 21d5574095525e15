// Preloaded into the studio's server and every process that it starts: writes down whom they ask for anything.
const { appendFileSync } = require('node:fs');
const net = require('node:net');
const dns = require('node:dns');
const dgram = require('node:dgram');

const say = (what) => appendFileSync(process.env.LISTEN_FILE, `${what}\n`);
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  // Pipes between its own processes have a path.
  if (options?.path === undefined && typeof options !== 'string') say(`connect ${options?.host ?? args[1] ?? options}`);
  return connect.apply(this, args);
};
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
  const own = dns[name];
  dns[name] = (host, ...rest) => {
    say(`dns ${host}`);
    return own(host, ...rest);
  };
}
const send = dgram.Socket.prototype.send;
dgram.Socket.prototype.send = function (...args) {
  say('udp');
  return send.apply(this, args);
};
say('listening');
