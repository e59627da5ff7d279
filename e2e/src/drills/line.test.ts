import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Line } from './line.ts';

describe('a line', () => {
  let echo: Server;
  let line: Line;
  let heard = 0;
  const clients: Socket[] = [];

  beforeEach(async () => {
    heard = 0;
    echo = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        heard += data.length;
        socket.write(data);
      });
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    line = await Line.open((echo.address() as AddressInfo).port);
  });
  afterEach(async () => {
    for (const client of clients) client.destroy();
    await line.close();
    await new Promise((resolve) => echo.close(resolve));
  });

  const call = (): Socket => {
    const client = connect(line.port, '127.0.0.1');
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  const answer = (client: Socket): Promise<string> =>
    new Promise((resolve) => {
      client.once('data', (data) => resolve(String(data)));
      client.once('close', () => resolve('closed'));
    });

  it('passes words on in both directions', async () => {
    const client = call();
    client.write('a');
    expect(await answer(client)).toBe('a');
  });

  it('hangs up when it is cut, takes no call, and is whole again when it is mended', async () => {
    const client = call();
    client.write('a');
    expect(await answer(client)).toBe('a');
    const closed = answer(client);
    line.become('cut');
    expect(await closed).toBe('closed');
    expect(await answer(call())).toBe('closed');
    line.become('whole');
    const again = call();
    again.write('b');
    expect(await answer(again)).toBe('b');
  });

  it('swallows what is said while it is silent: nobody hears it, not even later', async () => {
    const client = call();
    client.write('a');
    expect(await answer(client)).toBe('a');
    line.become('silent');
    const silence = answer(client);
    client.write('lost');
    const other = call();
    await new Promise((resolve) => other.once('connect', resolve));
    line.become('whole');
    expect(await silence).toBe('closed');
    expect(heard).toBe(1);
  });

  it('holds what the first client says from a text on, and lets it arrive later; others pass', async () => {
    const [client, other] = [call(), call()];
    client.write('a');
    expect(await answer(client)).toBe('a');
    line.hold('late');
    client.write('too late');
    while (line.held === 0) await new Promise((resolve) => setImmediate(resolve));
    client.write(' and more');
    while (line.held === 1) await new Promise((resolve) => setImmediate(resolve));
    other.write('late');
    expect(await answer(other)).toBe('late');
    expect(heard).toBe(5);
    const late = answer(client);
    line.release();
    expect('too late and more').toContain(await late);
    other.write('later');
    expect(await answer(other)).toBe('later');
    expect(line.held).toBe(0);
  });
});
