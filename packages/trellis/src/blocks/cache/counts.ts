/** What happened since the start. Plain numbers in one object, so that counting a hit costs next to nothing. */
export class Counts {
  hits = 0;
  staleHits = 0;
  negativeHits = 0;
  misses = 0;
  loads = 0;
  loadFailures = 0;
  loadsDropped = 0;
  deletionsSent = 0;
  deletionsReceived = 0;
  flushes = 0;
  saveFailures = 0;
}
