/**
 * The names whose values are secrets unless the user says otherwise.
 *
 * A name is read as words: separators (`-`, `_`, `.`, space and any other punctuation), camelCase and the
 * change between letters and digits part them. Two ways to match:
 *
 * - `INSIDE`: long and unmistakable; found anywhere in the name with the separators taken out, so
 *   `accesstoken`, `X-Auth-Token`, `refreshTokenValue` and `pass_word` are all found.
 * - `WHOLE`: short, or part of innocent words (`monkey`, `author`, `className`, `urban`); they must be one
 *   word of the name or several in a row: `apiKey`, `zip-code` and `zipcode`, not `zipper`.
 */
export const INSIDE: readonly string[] = [
  'token',
  'authorization',
  'authentication',
  'cookie',
  'password',
  'passcode',
  'username',
  'authtoken',
  'jwt',
  'bearer',
  'clientsecret',
  'redirecturi',
  'phonenumber',
  'firstname',
  'lastname',
  'middlename',
  'birthdate',
  'secret',
  'csrf',
  'apikey',
  'credential',
  'xvaulttoken',
  'setcookie',
  'proxyauthorization',
  'creditcard',
  'cardnumber',
  // Other spellings of the same things.
  'passwd',
  'passphrase',
  'accesskey',
  'privatekey',
  'sessionid',
  'sessid',
];

export const WHOLE: readonly string[] = [
  'userid',
  'user',
  'key',
  'pass',
  'auth',
  'clientid',
  'zip',
  'zipcode',
  'address',
  'country',
  'fname',
  'lname',
  'session',
  'cvv',
  'ssn',
  'iban',
  // Other spellings of the same things.
  'pwd',
  // What makes a signed URL a key to what it names (Azure SAS, AWS and Google signed URLs).
  'sig',
  'sharedaccesssignature',
  'amzsignature',
  'googsignature',
];

/** Standard fields that hold a word from above and never a secret: the whole name, separators taken out. */
export const HARMLESS: readonly string[] = ['useragent', 'secwebsocketkey', 'accesscontrolallowcredentials'];

/** `{"name": "password", "value": "x"}`, `<input name="token" value="x">`: members that name another member's value … */
export const NAMING: readonly string[] = ['name', 'key', 'field', 'header', 'param', 'parameter', 'variable'];
/** … and the members so named. */
export const NAMED: readonly string[] = ['value', 'values', 'val', 'content', 'data', 'stringvalue'];
