/** May this request be made? 401 and 403 in the server's words. */

import type { ApiRequest } from '../request.ts';
import { ApiFailure, detailsOf } from '../status.ts';
import type { Attributes, Rbac } from './rules.ts';
import type { User, Users } from './users.ts';

export function identify(users: Users, request: ApiRequest): User {
  const user = users.authenticate(request.headers['authorization']);
  if (user === undefined) throw new ApiFailure(401, 'Unauthorized', 'Unauthorized');
  return user;
}

export function attributesOf(request: ApiRequest): Attributes {
  const { target } = request;
  if (target === undefined) {
    const verb = request.method.toLowerCase();
    return { verb, group: '', resource: '', name: '', namespace: '', path: request.path };
  }
  return {
    verb: target.verb,
    group: target.group,
    resource: target.subresource ? `${target.plural}/${target.subresource}` : target.plural,
    name: target.name,
    namespace: target.namespace,
  };
}

export function authorize(rbac: Rbac, user: User, request: ApiRequest): void {
  const asked = attributesOf(request);
  if (!rbac.decide(user, asked).allowed) throw refusal(user, asked, request);
}

const NOSNIFF = { 'x-content-type-options': 'nosniff' };

function refusal(user: User, asked: Attributes, { target }: ApiRequest): ApiFailure {
  const who = `User "${user.username}" cannot ${asked.verb}`;
  if (target === undefined) {
    return new ApiFailure(403, 'Forbidden', `forbidden: ${who} path "${asked.path}"`, {}, NOSNIFF);
  }
  const plural = target.group ? `${target.plural}.${target.group}` : target.plural;
  const subject = asked.name ? `${plural} "${asked.name}"` : plural;
  const where = asked.namespace ? `in the namespace "${asked.namespace}"` : 'at the cluster scope';
  const message = `${subject} is forbidden: ${who} resource "${asked.resource}" in API group "${asked.group}" ${where}`;
  const named = target.resource ?? { group: target.group, plural: target.plural };
  return new ApiFailure(403, 'Forbidden', message, detailsOf(named, asked.name), NOSNIFF);
}
