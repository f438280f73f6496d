import type { Flow } from '../../../flow/flow.ts';
import { flowMarkup } from './flow-markup.ts';
import { INCIDENT_LIMITS } from './limits.ts';
import { MapPicture } from './map-picture.ts';
import { html, Markup } from './markup.ts';
import { POLICY, SCRIPT, STYLE } from './page.ts';

export interface IncidentOrigin {
  version: string;
  /** RFC 3339. */
  madeAt: string;
  filter: string;
  /** The user's own words. */
  note: string;
}

/** One HTML file with the map, the flows and what somebody says of them; it opens with nothing else, offline. */
export class IncidentFile {
  private readonly flows: Markup[] = [];
  private readonly map = new MapPicture();
  private length = 0;
  private isFull = false;
  private newest = '';
  private oldest = '';

  /** False: there is no room for it. Newest first. */
  add(flow: Flow): boolean {
    const markup = flowMarkup(flow);
    this.isFull ||=
      this.flows.length >= INCIDENT_LIMITS.flows || this.length + markup.text.length > INCIDENT_LIMITS.text;
    if (this.isFull) return false;
    this.flows.push(markup);
    this.length += markup.text.length;
    this.map.add(flow);
    if (this.newest === '') this.newest = flow.time;
    this.oldest = flow.time;
    return true;
  }

  build({ version, madeAt, filter, note }: IncidentOrigin): string {
    const count = this.flows.length;
    const picture = this.map.svg();
    const left = this.map.leftOut();
    return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Remora: ${count} flows</title><style>${new Markup(STYLE)}</style></head><body>
<header><h1>${count === 1 ? '1 flow' : `${count} flows`}</h1>
<p class="aside">${count === 0 ? 'Nothing matched.' : `${this.oldest} to ${this.newest}`}</p>
<p class="aside">Filter: ${filter === '' ? 'none' : html`<code>${filter}</code>`}. Made by Remora ${version} at ${madeAt}. Secrets are redacted.</p>
${this.isFull ? html`<p><b>There are more: the newest ${count} are in here.</b> A narrower filter or range has room for the others.</p>` : undefined}
</header><main>
${note === '' ? undefined : html`<h2>Notes</h2><div class="note">${note}</div>`}
${picture === undefined ? undefined : html`<h2>Map</h2><div class="map" tabindex="0" role="img" aria-label="Who calls whom">${new Markup(picture)}</div>`}
${left.nodes + left.lines > 0 ? html`<p class="aside">Not on the map: ${left.nodes} nodes and ${left.lines} lines that are less busy.</p>` : undefined}
<h2>Flows</h2>
<div class="tools"><input id="find" type="search" placeholder="Find in all flows" aria-label="Find in all flows" disabled><button id="open" type="button">Open or close all</button><output id="told" class="aside"></output></div>
${this.flows}</main><script>${new Markup(SCRIPT)}</script></body></html>
`.text;
  }
}
