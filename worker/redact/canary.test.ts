import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { redactBody, redactHeader, redactTarget } from '../../test/redact/redact.ts';

// A marked secret in every place that the contract names: it must not come out, whatever surrounds it.

const CANARY = 'CANARY-7f3a';
/** base64 of `admin:CANARY-7f3a` */
const BASIC = Buffer.from(`admin:${CANARY}`).toString('base64');
const JWT = `eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.${Buffer.from(`{"sub":"${CANARY}"}`).toString('base64url')}.${CANARY}`;
const PEM = `-----BEGIN RSA PRIVATE KEY-----\nMIIE${CANARY}\nabcd\n-----END RSA PRIVATE KEY-----`;
const MARKS = [CANARY, encodeURIComponent(CANARY), BASIC, JWT.split('.')[1], '4111111111111111'];

function expectGone(output: string): void {
  for (const mark of MARKS) expect(output).not.toContain(mark);
}

describe('headers', () => {
  test.each([
    ['Authorization', `Bearer ${CANARY}`],
    ['aUTHORIZATION', `Basic ${BASIC}`],
    ['Authorization', `Custom a=${CANARY}, b="${CANARY}"`],
    ['Proxy-Authorization', CANARY],
    ['X-Vault-Token', CANARY],
    ['X-Api-Key', CANARY],
    ['apikey', CANARY],
    ['X-CSRF-Token', CANARY],
    ['X-Amz-Security-Token', CANARY],
    ['Cookie', `session=${CANARY}; theme=${CANARY};x="${CANARY}"`],
    ['Cookie', CANARY],
    ['Set-Cookie', `sid=${CANARY}; Path=/; HttpOnly`],
    ['Set-Cookie', `a=b; Path=/, sid=${CANARY}; Secure`],
    ['Set-Cookie', `a=b; Odd=${CANARY}`],
    ['Referer', `https://shop/a?token=${CANARY}`],
    ['Location', `/cb?access_token=${CANARY}&x=1`],
    ['Location', `/cb#access_token=${CANARY}`],
    ['Location', `/cb?t%6Fken=${CANARY}`],
    ['Link', `</a?t%6Fken=${CANARY}>; rel="next"`],
    ['Link', `<https://u:${CANARY}@h/a>; rel="next"`],
    ['Origin', `https://u:${CANARY}@h`],
    ['Refresh', `0; url=/a?password=${CANARY}`],
    ['X-Original-URL', `/a;jsessionid=${CANARY}/b`],
    ['X-Note', `Bearer ${CANARY}`],
    ['X-Note', `basic ${BASIC}`],
    ['X-Note', JWT],
    ['X-Note', `card 4111 1111 1111 1111`.replace(/ (?=1)/g, '')],
    ['Forwarded', `for=1.2.3.4;secret=${CANARY}`],
    ['Sec-WebSocket-Protocol', `v4, base64url.bearer.authorization.k8s.io.${CANARY}`],
    ['Location', `//u:${CANARY}@h/a`],
    ['X-Next', `%2Fcb%3Ftoken%3D${CANARY}%26x%3D1`],
    ['X-Next', `a%26p%61ssword%3d${CANARY}`],
    ['X-Next', `%7B%22password%22%3A%22${CANARY}%22%7D`],
    ['X-Json', `{"password":"${CANARY}"}`],
  ])('%s: %s', (name, value) => expectGone(redactHeader(name, value)));
});

describe('request-target', () => {
  test.each([
    `/a?token=${CANARY}`,
    `/a?x=1&api_key=${CANARY}&y=2`,
    `/a?t%6Fken=${CANARY}`,
    `/a?%70%61%73%73%77%6f%72%64=${CANARY}`,
    `/a?%2570assword=${CANARY}`,
    `/a?user[password]=${CANARY}`,
    `/a?pass+word=${CANARY}`,
    `/a?redirect_uri=https://x/${CANARY}`,
    `/a?next=https%3A%2F%2Fu%3A${CANARY}%40h%2F`,
    `/a?next=https://h/b?token=${CANARY}`,
    `/a?next=%2Fb%3Ftoken%3D${CANARY}`,
    `/a?q=%7B%22password%22%3A%22${CANARY}%22%7D`,
    `/a?x=1#access_token=${CANARY}`,
    `/a;jsessionid=${CANARY}/b;token=${CANARY}?x`,
    `/a;jsession%69d=${CANARY}`,
    `/a/${JWT}/b`,
    `/a/%20${JWT}`,
    `/a?h=Bearer%20${CANARY}`,
    `/a?h=Bearer+${CANARY}`,
    `/pay/4111111111111111`,
    `http://u:${CANARY}@h/a`,
    `http://u:${CANARY}/x@h/a`,
    `u:${CANARY}@h:443`,
    `https://h/a?sig=${CANARY}`,
    `/a?X-Amz-Signature=${CANARY}`,
    `/a?token=${CANARY}=${CANARY}`,
    `?token=${CANARY}`,
    `;password=${CANARY};/a`,
    `//u:${CANARY}@h/a`,
    `/a?x Bearer ${CANARY} =1`,
    `&token=${CANARY}&/a`,
    `password=${CANARY} /a`,
    `{"password":"${CANARY}"}/a`,
    `http://u:p@h;password=${CANARY}/a`,
    `/a?{"password":"${CANARY}"}x=1`,
    `/a?x{"password":"${CANARY}"}=1`,
    `/a?%7B%22password%22%3A%22${CANARY}%22%7D=1`,
    `/a?token%3D${CANARY}%26x=1`,
    `/a?token%3D${CANARY}`,
  ])('%s', (target) => expectGone(redactTarget(target)));
});

const JSON_BODIES = [
  `{"password":"${CANARY}"}`,
  ` {"a":[[{"b":{"Pass-Word" : "x${CANARY}\\"${CANARY}"}}]]}`,
  `{"pass\\u0077ord":"${CANARY}"}`,
  `{"\\u0070assword":"${CANARY}"}`,
  `{"passwords":["${CANARY}",{"a":"${CANARY}"}]}`,
  `{"auth":{"a":"${CANARY}","b":["}","${CANARY}"]},"c":1}`,
  `{"cardNumber":4111111111111111}`,
  `{"n":4111111111111111}`,
  `[4111111111111111]`,
  `{"n":"4111-1111-1111-1111"}`.replace(/-/g, ''),
  `{"a":1}\n{"token":"${CANARY}"}\n`,
  `\x1e{"token":"${CANARY}"}\n`,
  `\ufeff{"token":"${CANARY}"}`,
  `{"t":"${JWT}"}`,
  `{"t":"\\u0065yJ${JWT.slice(3)}"}`,
  `"${JWT}"`,
  `{"t":"Bearer ${CANARY}"}`,
  `{"u":"postgres://app:${CANARY}@db/x"}`,
  `{"u":"postgres:\\/\\/app:${CANARY}@db\\/x"}`,
  `{"k":"${PEM.replaceAll('\n', '\\n')}"}`,
  `{"log":"x password=${CANARY} y"}`,
  `{"log":"x\\npassword: ${CANARY}"}`,
  `{"log":"\\npin=1\\nuser=${CANARY}"}`,
  JSON.stringify({ body: JSON.stringify({ password: CANARY }) }),
  JSON.stringify({
    body: JSON.stringify({ body: JSON.stringify({ body: JSON.stringify({ password: CANARY }) }) }),
  }),
  JSON.stringify({
    a: JSON.stringify({
      b: JSON.stringify({
        c: JSON.stringify({ d: JSON.stringify({ e: JSON.stringify({ password: CANARY }) }) }),
      }),
    }),
  }),
  `{"xml":"<password>${CANARY}</password>"}`,
  `{"form":"a=1&p%61ssword=${CANARY}"}`,
  `{"query":"mutation { login(password: \\"${CANARY}\\") { id } }"}`,
  `{"variables":{"input":{"password":"${CANARY}"}}}`,
  `{"name":"DB_PASSWORD","value":"${CANARY}"}`,
  `{"password":"${CANARY}`,
  `{"password":"${CANARY}\\`,
  `{"password":{"a":"${CANARY}`,
  `{"password":'${CANARY}'}`,
  `{password:"${CANARY}"}`,
  `{/* x */"password":"${CANARY}"}`,
  `)]}',\n{"password":"${CANARY}"}`,
  `cb({"password":"${CANARY}"})`,
  `{"password":"a\n${CANARY}"}`,
  `{"a":1,,"auth":{"x":["${CANARY}"]}}`,
  `${'['.repeat(600)}{"password":"${CANARY}"}${']'.repeat(600)}`,
  `data: {"auth":{"a":"${CANARY}"},"token":"${CANARY}"}\n\n`,
  `{"password":"${CANARY}","password":"${CANARY}"}`,
  `{"é":1,"password":"${CANARY}"}`,
];

const FORMS = [
  `a=1&password=${CANARY}&b=2`,
  `client%5Fsecret=${CANARY}`,
  `p%61ssword=${CANARY}`,
  `pass+word=${CANARY}`,
  `user%5Bpassword%5D=${CANARY}`,
  `payload=%7B%22password%22%3A%22${CANARY}%22%7D`,
  `assertion=${JWT}`,
  `x=Bearer+${CANARY}`,
  `password=${CANARY};x&b=2`,
  `a=1;password=${CANARY}`,
];

const XML = [
  `<?xml version="1.0"?><a><password>${CANARY}</password></a>`,
  `<s:Envelope><s:Body><wsse:Password Type="x">${CANARY}</wsse:Password></s:Body></s:Envelope>`,
  `<a><password><b>${CANARY}</b><password>x</password>${CANARY}</password></a>`,
  `<a><password><![CDATA[${CANARY}]]></password></a>`,
  `<a><![CDATA[password=${CANARY}]]></a>`,
  `<a password="${CANARY}"/>`,
  `<a ns:token='${CANARY}' b="1">x</a>`,
  `<a password="a&gt;${CANARY}"/>`,
  `<field name="password">${CANARY}</field>`,
  `<field name="pass&#119;ord">${CANARY}</field>`,
  `<input type="hidden" name="csrf_token" value="${CANARY}">`,
  `<input value=${CANARY} name=token>`,
  `<meta name="csrf-token" content="${CANARY}">`,
  `<add key="ApiKey" value="${CANARY}"/>`,
  `<a><password>${CANARY}`,
  `<!-- password=${CANARY} --><a/>`,
  `<a>{&quot;password&quot;:&quot;${CANARY}&quot;}</a>`,
  `<a href="/x?token=${CANARY}&amp;y=1">x</a>`,
  `<html><script>var token = "${CANARY}";</script></html>`,
  `<a>${JWT}</a>`,
];

const TEXTS = [
  `password=${CANARY}`,
  `2024 level=info user=${CANARY} ok=1`,
  `DB_PASSWORD="${CANARY} ${CANARY}"`,
  `export API_KEY='${CANARY}'`,
  `password: ${CANARY} with spaces ${CANARY}`,
  `a:\n  password: |\n    ${CANARY}\n    ${CANARY}\n  b: 1`,
  `auth:\n  x: ${CANARY}\n  y:\n    - ${CANARY}\nz: 1`,
  `secrets:\n- ${CANARY}\n- ${CANARY}\n`,
  `"password" => "${CANARY}"`,
  `password := "${CANARY}"`,
  `const token = '${CANARY}'`,
  `curl -H "Authorization: Bearer ${CANARY}" https://x`,
  `Authorization: Digest username="a", response="${CANARY}"`,
  `Cookie: a=${CANARY}; b=${CANARY}`,
  `Server=db;Password=${CANARY},x;Database=y`,
  `AccountName=a;AccountKey=${CANARY}==;EndpointSuffix=x`,
  `SharedAccessSignature sr=x&sig=${CANARY}&se=1`,
  `see https://u:${CANARY}@h/a?token=${CANARY}.`,
  `Phone number: ${CANARY}`,
  `msg="{\\"password\\":\\"${CANARY}\\"}"`,
  `msg="{\\"a\\":\\"{\\\\\\"password\\\\\\":\\\\\\"${CANARY}\\\\\\"}\\"}"`,
  `body {"auth":{"a":"}${CANARY}"}} end`,
  PEM,
  `x ${PEM} y`,
  `-----BEGIN PRIVATE KEY-----\n${CANARY}`,
  `jwt ${JWT}.`,
  `[section]\npassword = ${CANARY}\n`,
];

const MULTIPART = [
  `--B\r\nContent-Disposition: form-data; name="password"\r\n\r\n${CANARY}\r\n--B--\r\n`,
  `--B\r\nContent-Disposition: form-data; name=token\r\n\r\n${CANARY}\r\n--B\r\n\r\nx\r\n--B--`,
  `--B\r\ncontent-disposition: form-data; name*=UTF-8''pass%77ord\r\n\r\n${CANARY}\r\n--B--`,
  `--B\r\nContent-Disposition: form-data;\r\n name="password"\r\n\r\n${CANARY}\r\n--B--`,
  `--B\nContent-Disposition: form-data; name="password"\n\n${CANARY}\n--B--`,
  `--B\r\nContent-Type: application/json\r\n\r\n{"password":"${CANARY}"}\r\n--B--`,
  `--B\r\nContent-Type: text/plain\r\n\r\npassword=${CANARY}\r\n--B--`,
  `--B\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n${CANARY}\r\n--B--`,
  `--B\r\nContent-Transfer-Encoding: base64\r\n\r\n${BASIC}\r\n--B--`,
  `--B\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n--C\r\nContent-Disposition: form-data; name=password\r\n\r\n${CANARY}\r\n--C--\r\n--B--`,
  `--B\r\nAuthorization: Bearer ${CANARY}\r\n\r\nx\r\n--B--`,
  `--B\r\nContent-Disposition: form-data; name="password"\r\n\r\n${CANARY}`,
];

const CSV = [`id,password,x\n1,${CANARY},2\n3,"a ""${CANARY}""\n,${CANARY}",4\n`, `id\tToken\n1\t${CANARY}`];

const KINDS: [type: string, bodies: string[]][] = [
  ['application/json', JSON_BODIES],
  ['application/x-www-form-urlencoded', FORMS],
  ['text/xml; charset=utf-8', XML],
  ['text/html', XML],
  ['text/plain', TEXTS],
  ['application/yaml', TEXTS],
  ['application/javascript', TEXTS],
  ['multipart/form-data; boundary=B', MULTIPART],
  ['multipart/form-data', MULTIPART.filter((body) => /^--B\r?\ncontent/i.test(body))],
  ['text/csv', CSV],
  // Not declared, or declared as what it is not.
  [
    '',
    [
      ...JSON_BODIES,
      ...FORMS,
      ...XML,
      ...TEXTS,
      ...MULTIPART.filter((body) => /^--B\r?\ncontent/i.test(body)),
    ],
  ],
  ['text/plain', [...JSON_BODIES, ...FORMS, ...XML]],
  ['application/json', [...FORMS, ...XML, ...TEXTS]],
  ['text/html', [...JSON_BODIES, ...FORMS, ...TEXTS]],
  ['application/x-www-form-urlencoded', [...JSON_BODIES, ...XML]],
  ['application/x-unheard-of', [...JSON_BODIES, ...FORMS, ...XML, ...TEXTS]],
];

const ENCODINGS: [name: string, encode: (body: Buffer) => Buffer][] = [
  ['', (body) => body],
  ['gzip', (body) => gzipSync(body)],
  ['deflate', (body) => deflateRawSync(body)],
  ['br', (body) => brotliCompressSync(body)],
];

describe('bodies', () => {
  for (const [type, bodies] of KINDS) {
    test.each(bodies)(`${type || 'no type'}: %s`, (body) => {
      for (const [encoding, encode] of ENCODINGS) {
        const shown = redactBody(type, encode(Buffer.from(body)), { encoding });
        expectGone(shown);
        expect(shown).toContain('[REDACTED]');
      }
    });
  }

  test.each(JSON_BODIES.slice(1))('utf-16: %s', (body) => {
    expectGone(redactBody('application/json', Buffer.from(body, 'utf16le')));
    expectGone(redactBody('application/json; charset=utf-16le', Buffer.from(body, 'utf16le')));
  });
});

// Six characters of a secret that is cut off tell nothing; more must not be seen.
describe('cut off anywhere', () => {
  const SECRETS = [
    `{"a":"x","password":"${CANARY}","b":{"token":["${CANARY}"]},"c":"${JWT}","d":"Bearer ${CANARY}"}`,
    `{"u":"https://u:${CANARY}@h/","n":4111111111111111,"s":"{\\"password\\":\\"${CANARY}\\"}"}`,
    `a=1&password=${CANARY}&b=https%3A%2F%2Fu%3A${CANARY}%40h`,
    `<a><password>${CANARY}</password><b token="${CANARY}"/></a>`,
    `password: ${CANARY}\ncard 4111 1111 1111 1111 x https://u:${CANARY}@h/`,
    MULTIPART[0],
    PEM,
  ];
  test.each(SECRETS)('%s', (body) => {
    const bytes = Buffer.from(body);
    for (let length = 1; length < bytes.length; length++) {
      for (const type of ['application/json', 'text/plain', '', 'multipart/form-data; boundary=B']) {
        const kept = redactBody(type, bytes.subarray(0, length), { complete: false });
        const shown = redactBody(type, bytes, { maxBody: length });
        for (const output of [kept, shown]) {
          expect(output).not.toContain(CANARY.slice(0, 8));
          expect(output).not.toContain(JWT.slice(0, 16));
          expect(output.replace(/[ -]/g, '')).not.toContain('41111111');
          expect(output).not.toContain('MIIE');
        }
      }
    }
  });
});
