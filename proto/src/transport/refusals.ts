/** Tells that a peer was refused, and why. */
type TellRefusal = (reason: string, peer: string) => void;

const WINDOW_MS = 1_000;

/**
 * Tells only so many refusals a second, and of the rest their number. A refused peer may come back at once, and must
 * not fill the log.
 */
export function withoutFlood(tell: TellRefusal, perSecond = 10): TellRefusal {
  let told = 0;
  let untold = 0;
  const summarize = (): void => {
    if (untold > 0) tell(`${untold} more within a second`, 'several');
    told = untold = 0;
  };
  return (reason, peer) => {
    if (told === 0) setTimeout(summarize, WINDOW_MS).unref();
    if (told >= perSecond) {
      untold++;
      return;
    }
    told++;
    tell(reason, peer);
  };
}
