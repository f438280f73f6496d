import { describe, expect, test } from 'vitest';
import { Drive, type RecordedExchange } from '../../../test/dissect/drive.ts';

const GET = 'GET /a HTTP/1.1\r\nHost: h\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** `METHOD target → status body` of each exchange, `-` for what is not there. */
const lines = (exchanges: readonly RecordedExchange[]): string[] =>
  exchanges.map(({ request, response }) => {
    const left = request ? `${request.method} ${request.target}` : '-';
    return `${left} → ${response ? `${response.status} ${response.body}`.trimEnd() : '-'}`;
  });

const answerTo = (drive: Drive) => drive.exchanges[0].response!;
const request = (drive: Drive) => drive.exchanges[0].request!;

describe('packets that were captured only in part', () => {
  test('what is there of a start line is told, and the next one is found', () => {
    const drive = new Drive();
    for (const path of ['/first?x=1', '/second', '/third']) {
      drive.cut(0, `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`, 9).cut(1, OK, 14);
    }
    expect(lines(drive.close().exchanges)).toEqual(['GET /firs → 200', 'GET /seco → 200', 'GET /thir → 200']);
    const marked = drive.exchanges.flatMap(({ request, response }) => [request!.flags, response!.flags]);
    expect(marked.every((flags) => flags.includes('gap'))).toBe(true);
    expect(drive.exchanges.map(({ response }) => response!.reason)).toEqual(['O', 'O', 'O']);
  });

  test.each([
    ['GET /a HTTP/1.1', 'GET /a → 200 ok'],
    ['GET /a HTTP/1.1\r', 'GET /a → 200 ok'],
    ['GET /a H', 'GET /a → 200 ok'],
    ['GET /a ', 'GET /a → 200 ok'],
    ['GET /a', 'GET /a → 200 ok'],
    ['GET /', 'GET / → 200 ok'],
    ['DELETE http://h', 'DELETE http://h → 200 ok'],
    ['GET ', '- → 200 ok'],
    ['GE', '- → 200 ok'],
  ])('a request line of which %j is there', (part, line) => {
    const whole = part.padEnd(60, 'x');
    const drive = new Drive().cut(0, whole, part.length).server(OK);
    expect(lines(drive.close().exchanges)).toEqual([line]);
  });

  test.each([
    ['HTTP/1.1 404 Not F', 404, 'Not F'],
    ['HTTP/1.1 404 ', 404, ''],
    ['HTTP/1.1 404', 404, ''],
    ['HTTP/1.0 204\r', 204, ''],
    ['HTTP/1.1 200 OK\r', 200, 'OK'],
  ])('a status line of which %j is there', (part, status, reason) => {
    const drive = new Drive().client(GET).cut(1, part.padEnd(60, 'x'), part.length).close();
    expect([answerTo(drive).status, answerTo(drive).reason, answerTo(drive).flags]).toEqual([
      ...[status, reason, ['gap', 'cut']],
    ]);
  });

  test.each(['HTTP/1.1 40', 'HTTP/1.1 ', 'HTTP/1.', 'HTTP/1.1 4x4'])('%j tells no status', (part) => {
    const drive = new Drive().client(GET).cut(1, part.padEnd(60, 'x'), part.length);
    drive.client(GET).server(OK);
    expect(lines(drive.close().exchanges)).toEqual(['GET /a → -', 'GET /a → 200 ok']);
  });

  test('a connection whose beginning was not captured is recognised by the beginning of a line', () => {
    const drive = new Drive({ handshake: false }).cut(0, GET, 6).cut(1, OK, 20).close();
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200']);
  });
});

describe('framing (RFC 9112 §6)', () => {
  test('an exchange with everything that is known of it', () => {
    const drive = new Drive()
      .client('POST /p?q=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc')
      .server(OK);
    expect(drive.exchanges).toEqual([
      {
        request: {
          method: 'POST',
          target: '/p?q=1',
          status: 0,
          reason: '',
          version: 11,
          headers: [
            ['Host', 'h'],
            ['Content-Length', '3'],
          ],
          trailers: [],
          body: 'abc',
          bodySize: 3,
          flags: [],
          problem: '',
          gapBytes: 0,
          times: [1, 1],
          stream: [0, 55],
          seq: 1000,
        },
        response: {
          method: '',
          target: '',
          status: 200,
          reason: 'OK',
          version: 11,
          headers: [['Content-Length', '2']],
          trailers: [],
          body: 'ok',
          bodySize: 2,
          flags: [],
          problem: '',
          gapBytes: 0,
          times: [2, 2],
          stream: [0, 40],
          seq: 5000,
        },
        interim: [],
        swapped: false,
      },
    ]);
  });

  test('times are those of the packets with the first and the last byte', () => {
    const drive = new Drive({ segment: 10 }).client(GET).server(OK);
    expect(request(drive).times).toEqual([1, 3]);
    expect(answerTo(drive).times).toEqual([4, 7]);
  });

  test('chunks with extensions and trailers', () => {
    const chunked =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n' +
      '4;a=b;c="d;\\"e"\r\nwiki\r\n6\r\npedia!\r\n0\r\nX-Sum: 9\r\n\r\n';
    const response = answerTo(new Drive().client(GET).server(chunked));
    expect([response.body, response.bodySize, response.trailers]).toEqual([
      'wikipedia!',
      10,
      [['X-Sum', '9']],
    ]);
    expect([response.flags, response.problem]).toEqual([['chunked'], '']);
  });

  test('a body that ends with the connection', () => {
    const drive = new Drive().client(GET).server('HTTP/1.1 200 OK\r\n\r\npart one, ').server('part two');
    expect(drive.exchanges).toEqual([]);
    const response = answerTo(drive.end(1));
    expect([response.body, response.flags]).toEqual(['part one, part two', ['untilClose']]);
  });

  test('a body that ended with a reset is cut', () => {
    const drive = new Drive().client(GET).server('HTTP/1.1 200 OK\r\n\r\npart').end(1, 'rst').close('rst');
    expect(answerTo(drive).flags).toEqual(['cut', 'untilClose']);
  });

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n'],
  ])('%s: an answer without a body, and the next one after it', (method, answer) => {
    const drive = new Drive().client(`${method} /x HTTP/1.1\r\n\r\n`).server(answer).client(GET).server(OK);
    expect(lines(drive.exchanges)[1]).toBe('GET /a → 200 ok');
    expect(answerTo(drive).bodySize).toBe(0);
  });

  test('interim answers come before the final one and take no request', () => {
    const drive = new Drive()
      .client('POST /up HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n')
      .server('HTTP/1.1 100 Continue\r\n\r\n')
      .client('hi')
      .server(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`)
      .client(GET)
      .server(OK);
    expect(lines(drive.exchanges)).toEqual(['POST /up → 200 ok', 'GET /a → 200 ok']);
    expect(drive.exchanges.map(({ interim }) => interim)).toEqual([[100, 103], []]);
  });

  test.each([
    ['equal', '5', '5', 'hello', ''],
    ['in a list', '5, 5', '5', 'hello', ''],
    ['different', '5', '6', 'hello', 'Content-Length repeated with different values (RFC 9112 §6.3)'],
  ])('Content-Length repeated: %s', (_, first, second, body, problem) => {
    const message = `POST / HTTP/1.1\r\nContent-Length: ${first}\r\nContent-Length: ${second}\r\n\r\nhello`;
    const read = request(new Drive().client(message).close());
    expect([read.body, read.problem]).toEqual([body, problem]);
  });

  test.each([
    ['10000000000000000', 'Chunk size is 2^64 or more (RFC 9112 §7.1)'],
    ['0x5', 'Chunk size is not a hexadecimal number (RFC 9112 §7.1)'],
    ['', 'Chunk size is not a hexadecimal number (RFC 9112 §7.1)'],
    ['-1', 'Chunk size is not a hexadecimal number (RFC 9112 §7.1)'],
  ])('chunk size %j is marked', (size, problem) => {
    const drive = new Drive()
      .client(`POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\nhello\r\n0\r\n\r\n`)
      .close();
    expect(request(drive).problem).toBe(problem);
  });

  test('chunked wins over Content-Length, and both together are marked', () => {
    const drive = new Drive()
      .client(
        'POST / HTTP/1.1\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      )
      .client(GET)
      .close();
    expect(lines(drive.exchanges)).toEqual(['POST / → -', 'GET /a → -']);
    expect([request(drive).body, request(drive).problem]).toEqual([
      'hi',
      'Content-Length and Transfer-Encoding together (RFC 9112 §6.1)',
    ]);
  });

  test('a folded Transfer-Encoding counts', () => {
    const folded = 'POST / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n';
    const drive = new Drive().client(folded + GET).close();
    expect(lines(drive.exchanges)).toEqual(['POST / → -', 'GET /a → -']);
    expect([request(drive).body, request(drive).problem]).toEqual([
      'hi',
      'Folded field line (RFC 9112 §5.2)',
    ]);
  });

  test('bodies beyond the limit: the beginning is kept, the size is true', () => {
    const drive = new Drive({ limits: { maxKeptBody: 4 } });
    drive.client('POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789');
    drive.server('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n');
    expect([request(drive).body, request(drive).bodySize, request(drive).flags]).toEqual([
      '0123',
      10,
      ['bodyTruncated'],
    ]);
    expect([answerTo(drive).body, answerTo(drive).bodySize]).toEqual(['abcd', 6]);
    expect(drive.counters.truncatedBodies).toBe(2);
  });

  test('when all messages together hold too much, a body is cut shorter', () => {
    const drive = new Drive({ limits: { maxBuffered: 16 * 1024 }, segment: 1000 });
    drive.client(GET).server(`HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n${'x'.repeat(50_000)}`);
    expect([request(drive).target, answerTo(drive).bodySize]).toEqual(['/a', 50_000]);
    expect(answerTo(drive).body.length).toBeLessThan(16 * 1024);
    expect(answerTo(drive).flags).toEqual(['bodyTruncated']);
    expect(drive.counters.bufferLimitHits).toBeGreaterThan(0);
  });
});

describe('start lines and heads', () => {
  test.each([
    ['GET http://h/x HTTP/1.1', 'GET', 'http://h/x', ''],
    ['OPTIONS * HTTP/1.1', 'OPTIONS', '*', ''],
    ['CONNECT h:443 HTTP/1.1', 'CONNECT', 'h:443', ''],
    ['CONNECT h:25 / HTTP/1.0', 'CONNECT', 'h:25 /', 'octets other than visible ASCII'],
    ['GET /a b HTTP/1.1', 'GET', '/a b', 'octets other than visible ASCII'],
    ['BREW /pot HTTP/1.1', 'BREW', '/pot', 'not a registered one'],
    ['GET x HTTP/1.1', 'GET', 'x', 'none of the four forms'],
    ['GET / HTTP/1.7', 'GET', '/', 'HTTP version'],
    ['GET  / HTTP/1.1', 'GET', '/', ''],
  ])('%s', (line, method, target, problem) => {
    const read = request(new Drive().client(`${line}\r\nHost: h\r\n\r\n`).close());
    expect([read.method, read.target, read.headers]).toEqual([method, target, [['Host', 'h']]]);
    if (problem === '') expect(read.problem).toBe('');
    else expect(read.problem).toContain(problem);
  });

  test.each([
    'HELO mail.example.com',
    'T / HTTP',
    'OPTIONS sip:a@b SIP/2.0',
    'GET key',
    'PRI * HTTP/2.0',
    'GET/ HTTP/1.1',
  ])('%s is no request', (line) => {
    const drive = new Drive().client(`${line}\r\nHost: h\r\n\r\n`).close();
    expect(drive.exchanges).toEqual([]);
  });

  test('a status line in lower case is none', () => {
    const drive = new Drive().client(GET).server('http/1.1 200 OK\r\n\r\n').close();
    expect(lines(drive.exchanges)).toEqual(['GET /a → -']);
  });

  test('an HTTP/0.9 request, and what is no HTTP for an answer', () => {
    const drive = new Drive().client('GET /old\r\n\r\n').server('<html>hello</html>').close();
    expect(lines(drive.exchanges)).toEqual(['GET /old → -']);
    expect(request(drive).version).toBe(9);
  });

  test('line ends of LF alone are read and marked', () => {
    const drive = new Drive()
      .client('GET / HTTP/1.1\nHost: h\n\n')
      .server('HTTP/1.0 200 OK\nA: b\n\nbody')
      .close();
    expect(lines(drive.exchanges)).toEqual(['GET / → 200 body']);
    expect([request(drive).headers, answerTo(drive).headers]).toEqual([[['Host', 'h']], [['A', 'b']]]);
    expect(request(drive).problem).toBe('Line ends with LF alone (RFC 9112 §2.2)');
  });

  test('empty lines before a start line do not count', () => {
    const drive = new Drive().client(`\r\n\r\n${GET}`).server(OK).client(`\r\n${GET}`).server(OK);
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200 ok', 'GET /a → 200 ok']);
    expect(request(drive).stream[0]).toBe(4);
  });

  test('white space around values goes, inside it stays; empty values are values', () => {
    const drive = new Drive().client('GET / HTTP/1.1\r\nA: \t b  c \t\r\nB:\r\nC:d\r\n\r\n').close();
    expect(request(drive).headers).toEqual([
      ['A', 'b  c'],
      ['B', ''],
      ['C', 'd'],
    ]);
  });

  test.each([
    ['No colon', '', 'No colon', 'without a colon'],
    ['Na me: v', 'Na me', 'v', 'not a token'],
    ['Name : v', 'Name', 'v', 'White space between'],
    [': v', '', 'v', 'not a token'],
    ['Name: v\x01w', 'Name', 'v\x01w', 'Control character'],
    ['Name: v\rw', 'Name', 'v\rw', 'CR without LF'],
  ])('the field line %j is kept and marked', (line, name, value, problem) => {
    const drive = new Drive().client(`POST / HTTP/1.1\r\n${line}\r\nContent-Length: 2\r\n\r\nhi`).close();
    expect(request(drive).headers[0]).toEqual([name, value]);
    expect(request(drive).problem).toContain(problem);
    expect(request(drive).body).toBe('hi');
  });

  test('a head longer than the limit: its beginning is kept, its framing is followed', () => {
    const drive = new Drive({ limits: { maxHead: 1000 }, segment: 300 });
    const long = `GET /a HTTP/1.1\r\nFirst: 1\r\nX-Long: ${'v'.repeat(5000)}\r\nContent-Length: 4\r\nLast: 2\r\n\r\nbody`;
    drive.client(long + GET).server(OK + OK);
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200 ok', 'GET /a → 200 ok']);
    const { headers, body, flags } = request(drive);
    expect([headers, body, flags]).toEqual([
      [
        ['First', '1'],
        ['Content-Length', '4'],
      ],
      'body',
      ['headTruncated'],
    ]);
    expect(drive.counters.truncatedHeads).toBe(1);
  });

  test('a target longer than the limit', () => {
    const drive = new Drive({ limits: { maxHead: 1000 }, segment: 700 });
    drive.client(`GET /${'x'.repeat(3000)} HTTP/1.1\r\nHost: h\r\n\r\n${GET}`).close();
    expect(drive.exchanges.map(({ request }) => request!.target.length)).toEqual([1000 - 4, 2]);
    expect(request(drive).flags).toEqual(['headTruncated']);
  });

  test('a message after Connection: close is marked', () => {
    const drive = new Drive().client('GET / HTTP/1.1\r\nConnection: close\r\n\r\n').client(GET).close();
    expect(drive.exchanges.map(({ request }) => request!.problem)).toEqual([
      '',
      'Message after Connection: close (RFC 9112 §9.6)',
    ]);
  });
});

describe('pairing', () => {
  test('pipelined requests and their answers, several in a segment', () => {
    const requests = ['GET /1 HTTP/1.1\r\n\r\n', 'HEAD /2 HTTP/1.1\r\n\r\n', 'GET /3 HTTP/1.1\r\n\r\n'];
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n';
    const drive = new Drive().client(requests.join('')).server(OK + head + OK);
    expect(lines(drive.exchanges)).toEqual(['GET /1 → 200 ok', 'HEAD /2 → 200', 'GET /3 → 200 ok']);
  });

  test('an answer that comes before its request has ended', () => {
    const drive = new Drive()
      .client('POST /up HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc')
      .server('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
    expect(drive.exchanges).toEqual([]);
    expect(lines(drive.client('defghi').exchanges)).toEqual(['POST /up → 413']);
    expect(request(drive).body).toBe('abcdefghi');
  });

  test('requests that never get an answer are shown when the connection ends', () => {
    const drive = new Drive().client(GET).client('GET /b HTTP/1.1\r\n\r\n').close('finished');
    expect(lines(drive.exchanges)).toEqual(['GET /a → -', 'GET /b → -']);
    expect(drive.counters.unansweredRequests).toBe(2);
  });

  test('answers without a request: two for one, and one on a silent connection', () => {
    const drive = new Drive()
      .client(GET)
      .server(OK + OK)
      .client('GET /b HTTP/1.1\r\n\r\n')
      .server(OK);
    drive.server('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n').close();
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200 ok', '- → 200 ok', 'GET /b → 200 ok', '- → 408']);
  });

  test('an answer captured before its request', () => {
    const drive = new Drive()
      .server(OK, GET.length)
      .client(GET, 0)
      .client('GET /b HTTP/1.1\r\n\r\n')
      .server(OK);
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200 ok', 'GET /b → 200 ok']);
  });

  test('the answer to HEAD captured before its request', () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n';
    const drive = new Drive().server(head, 19).client('HEAD / HTTP/1.1\r\n\r\n', 0).client(GET).server(OK);
    expect(lines(drive.exchanges)).toEqual(['HEAD / → 200', 'GET /a → 200 ok']);
  });

  test('more requests than may wait: the oldest is shown alone, and the pairs do not shift', () => {
    const drive = new Drive({ limits: { maxOutstanding: 2 } });
    for (let i = 0; i < 4; i++) drive.client(`GET /${i} HTTP/1.1\r\n\r\n`);
    for (let i = 0; i < 4; i++) drive.server(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${i}`);
    drive.close();
    expect(lines(drive.exchanges)).toEqual([
      'GET /0 → -',
      'GET /1 → -',
      '- → 200 0',
      '- → 200 1',
      'GET /2 → 200 2',
      'GET /3 → 200 3',
    ]);
    expect(drive.counters.outstandingLimitHits).toBe(2);
  });
});

describe('holes', () => {
  test('in a body of known length: counted, kept up to the hole, and the next pair is right', () => {
    const drive = new Drive()
      .client(GET)
      .server('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012')
      .gap(1, 4)
      .server('789')
      .client('GET /b HTTP/1.1\r\n\r\n')
      .server(OK);
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200 012', 'GET /b → 200 ok']);
    const { bodySize, gapBytes, flags } = answerTo(drive);
    expect([bodySize, gapBytes, flags]).toEqual([10, 4, ['gap']]);
  });

  test('the hole is the whole body', () => {
    const drive = new Drive().client(GET).server('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n').gap(1, 12);
    drive.client('GET /b HTTP/1.1\r\n\r\n').server(OK);
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200', 'GET /b → 200 ok']);
    expect([answerTo(drive).bodySize, answerTo(drive).gapBytes]).toEqual([12, 12]);
  });

  test('inside one chunk the chunks can still be followed', () => {
    const drive = new Drive()
      .client(GET)
      .server('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n01')
      .gap(1, 5)
      .server('789\r\n2\r\nxy\r\n0\r\n\r\n');
    expect([answerTo(drive).bodySize, answerTo(drive).body, answerTo(drive).flags]).toEqual([
      12,
      '01',
      ['gap', 'chunked'],
    ]);
  });

  test('past the end of a chunk: the broken answer is shown, at the last chunk or the next answer', () => {
    const broken = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n';
    const drive = new Drive().client(GET).server(broken).gap(1, 8).server('e\r\n0\r\n\r\n');
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200 abc']);
    drive.client('GET /b HTTP/1.1\r\n\r\n').server(broken).gap(1, 30);
    drive.client('GET /c HTTP/1.1\r\n\r\n').server(OK);
    expect(lines(drive.exchanges).slice(1)).toEqual(['GET /b → 200 abc', 'GET /c → 200 ok']);
    expect(answerTo(drive).flags).toEqual(['gap', 'chunked']);
  });

  test('in a head: what is known of it is shown with its request', () => {
    const drive = new Drive()
      .client(GET)
      .server('HTTP/1.1 200 OK\r\nA: b\r\nCont')
      .gap(1, 30)
      .server('rest of it');
    drive.client('GET /b HTTP/1.1\r\n\r\n').server(OK);
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200', 'GET /b → 200 ok']);
    expect([answerTo(drive).headers, answerTo(drive).flags]).toEqual([[['A', 'b']], ['gap']]);
  });

  test('a lost answer does not shift the pairs after it', () => {
    const drive = new Drive().client(GET).gap(1, OK.length);
    drive.client('GET /b HTTP/1.1\r\n\r\n').server(OK).client('GET /c HTTP/1.1\r\n\r\n').server(OK).close();
    expect(lines(drive.exchanges)).toEqual(['GET /a → -', 'GET /b → 200 ok', 'GET /c → 200 ok']);
  });

  test('a lost request does not shift the pairs after it', () => {
    const drive = new Drive().client(GET).server(OK).gap(0, GET.length).server(OK.replace('ok', 'no'));
    drive.client('GET /c HTTP/1.1\r\n\r\n').server(OK).close();
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200 ok', '- → 200 no', 'GET /c → 200 ok']);
  });

  test('bodies that speak of HTTP are not taken for messages', () => {
    const bait = 'HTTP/1.1 500 Bait\r\nContent-Length: 0\r\n\r\n';
    const drive = new Drive()
      .client(GET)
      .server('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab');
    drive.gap(1, 20).server(bait).server(`text\r\n${bait}`).client('GET /b HTTP/1.1\r\n\r\n').server(OK);
    expect(lines(drive.exchanges)).toEqual(['GET /a → 200 ab', 'GET /b → 200 ok']);
  });
});

describe('where HTTP begins and ends', () => {
  test('after CONNECT the tunnel is looked into again', () => {
    const drive = new Drive()
      .client('CONNECT h:80 HTTP/1.1\r\n\r\n')
      .server('HTTP/1.1 200 Connected\r\nContent-Length: 5\r\n\r\n')
      .client(GET)
      .server(OK)
      .close();
    expect(lines(drive.exchanges)).toEqual(['CONNECT h:80 → 200', 'GET /a → 200 ok']);
    expect(drive.exchanges[1].request!.stream[0]).toBe(25);
    expect(drive.closed).toBe(1);
  });

  test('CONNECT refused: HTTP goes on', () => {
    const refusal = 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno';
    const drive = new Drive().client('CONNECT h:80 HTTP/1.1\r\n\r\n').server(refusal).client(GET).server(OK);
    expect(lines(drive.exchanges)).toEqual(['CONNECT h:80 → 407 no', 'GET /a → 200 ok']);
  });

  test('TLS in a tunnel is counted and not read', () => {
    const hello = Buffer.from('160301002c010000280303', 'hex');
    const drive = new Drive()
      .client('CONNECT h:443 HTTP/1.1\r\n\r\n')
      .server('HTTP/1.1 200 OK\r\n\r\n')
      .client(hello);
    drive.server(Buffer.from('1603030005020000010000', 'hex')).client(GET).close();
    expect(lines(drive.exchanges)).toEqual(['CONNECT h:443 → 200']);
    expect([drive.counters.tlsConnections, drive.counters.upgrades]).toEqual([1, 1]);
  });

  test('101 ends HTTP, also in the segment that has the first bytes of what follows', () => {
    const upgrade = 'GET /chat HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const drive = new Drive()
      .client(upgrade)
      .server('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nGET / HTTP/1.1\r\n\r\n')
      .client(GET)
      .close();
    expect(lines(drive.exchanges)).toEqual(['GET /chat → 101']);
  });

  test('an Upgrade that is not taken up: HTTP goes on', () => {
    const drive = new Drive()
      .client('GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
      .server(OK);
    expect(lines(drive.client(GET).server(OK).exchanges)).toEqual(['GET / → 200 ok', 'GET /a → 200 ok']);
  });
});
