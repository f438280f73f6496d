import type { KubeObject } from '../objects.ts';
import type { SharedTexts } from '../shared-texts.ts';

/** Gives an object the texts that others have too, in place: with 150,000 pods most of their memory is repetition. */
export function shareTexts(object: KubeObject, texts: SharedTexts): KubeObject {
  if ('namespace' in object) object.namespace = texts.share(object.namespace);
  if (object.kind === 'Pod') {
    const { labels, owner } = object;
    object.node = texts.share(object.node);
    object.hostIp = texts.share(object.hostIp);
    if (owner !== undefined) owner.name = texts.share(owner.name);
    for (const label of Object.keys(labels)) labels[label] = texts.share(labels[label]);
  }
  return object;
}
