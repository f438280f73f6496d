/** Who a request comes from: bearer tokens, and nobody. */

import { randomBytes, randomUUID } from 'node:crypto';

export interface User {
  username: string;
  uid?: string;
  groups: string[];
}

export const ANONYMOUS: User = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

export class Users {
  readonly #byToken = new Map<string, User>();
  readonly #tokens = new Map<string, string>();

  /** Adds a user and returns the token that names them. */
  add(username: string, groups: string[] = [], uid?: string): string {
    const known = this.#tokens.get(username);
    if (known !== undefined) return known;
    const token = randomBytes(24).toString('base64url');
    const user = {
      username,
      ...(uid === undefined ? {} : { uid }),
      groups: [...groups, 'system:authenticated'],
    };
    this.#byToken.set(token, user);
    this.#tokens.set(username, token);
    return token;
  }

  addServiceAccount(namespace: string, name: string): string {
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
    return this.add(`system:serviceaccount:${namespace}:${name}`, groups, randomUUID());
  }

  /** What was issued is no longer good. */
  revoke(username: string): void {
    const token = this.#tokens.get(username);
    if (token === undefined) return;
    this.#tokens.delete(username);
    this.#byToken.delete(token);
  }

  withToken(token: string): User | undefined {
    return this.#byToken.get(token);
  }

  /** Undefined: there are credentials, and they are wrong (401). */
  authenticate(authorization: string | undefined): User | undefined {
    if (authorization === undefined) return ANONYMOUS;
    const token = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
    return token === undefined ? undefined : this.#byToken.get(token);
  }
}
