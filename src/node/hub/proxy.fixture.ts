// A forward proxy, as companies have one: absolute addresses for HTTP, CONNECT for HTTPS. It prints its port, then a
// line for each request: node proxy.fixture.mjs [user:password]
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

const [wanted] = process.argv.slice(2);
const isAllowed = (header: string | undefined) =>
  wanted === undefined || header === `Basic ${Buffer.from(wanted).toString('base64')}`;

const server = createServer((incoming, outgoing) => {
  console.log(`${incoming.method} ${incoming.url}`);
  if (!isAllowed(incoming.headers['proxy-authorization'])) {
    outgoing.writeHead(407).end();
    return;
  }
  const { 'proxy-authorization': _, ...headers } = incoming.headers;
  const onward = request(incoming.url!, { method: incoming.method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
});
server.on('connect', (incoming, socket, head) => {
  console.log(`CONNECT ${incoming.url}`);
  if (!isAllowed(incoming.headers['proxy-authorization'])) {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    return;
  }
  const [host, port] = incoming.url!.split(':');
  const onward = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    onward.write(head);
    socket.pipe(onward).pipe(socket);
  });
  for (const end of [socket, onward]) {
    end.on('error', () => {
      socket.destroy();
      onward.destroy();
    });
  }
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
