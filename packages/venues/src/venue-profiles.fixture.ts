import { VENUE_PROFILES, type VenueProfile } from './venue-profiles.ts';

/** What execution does about an order of which it does not know whether it arrived. */
function doneAbout({ enforcesClientOrderId, findsByClientOrderId }: VenueProfile): string {
  if (enforcesClientOrderId) return 'the same id is sent again while the decision is fresh';
  return findsByClientOrderId
    ? 'called rejected once it is not found; never sent again'
    : 'UNKNOWN; never sent again';
}

/** What follows from a send that a frozen owner had begun and that arrives after its successor has taken over. */
function lateSend({ enforcesClientOrderId, findsByClientOrderId }: VenueProfile): string {
  if (enforcesClientOrderId)
    return 'one order: the venue takes the first to come and refuses the other';
  return findsByClientOrderId
    ? 'one order, which may come alive after it was called rejected: its events are taken and its fills counted'
    : 'one order; its symbol is held until the events, or a person, say what became of it';
}

/** Writes the table of what a second, or a late, send of an order does at each venue. */
export function doubleSendTable(): string {
  const profiles: readonly VenueProfile[] = Object.values(VENUE_PROFILES);
  const rows = profiles.map((profile) => {
    const { name, twice, lookUp, needs } = profile;
    const cells = [name, twice, lookUp, doneAbout(profile), lateSend(profile), needs];
    return `| ${cells.join(' | ')} |`;
  });
  const head =
    "| venue | an id that is sent twice | whether an order arrived is found | an order without a clear answer | a frozen owner's send that arrives late | what this needs |";
  return [head, '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n');
}
