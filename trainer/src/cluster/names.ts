// What the parts of a cluster are called on the server. Every name begins with the cluster's own, so that several clusters can share a
// server. Actors may publish below their own subjects only.

/** The name of a cluster that the address does not name. */
export const DEFAULT_CLUSTER = 'alphatensor';
/** The header of a message whose game lies in the object store, under the key that the header has. */
export const LARGE = 'At-Large';
/** The name of the learner's consumer of games. */
export const LEARNER = 'learner';

/** A name of a cluster or an actor: it becomes a part of subjects and buckets. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/;

/** Names the subjects, streams and buckets of a cluster. */
export interface Names {
  readonly cluster: string;
  /** The stream of games that wait for the learner. */
  readonly games: string;
  /** The stream of games that were refused or given up. */
  readonly dead: string;
  /** The stream that keeps the server's word of games that were delivered in vain. */
  readonly givenUp: string;
  /** The stream of the best algorithms of flip graph searches. */
  readonly best: string;
  /** The bucket of the run, the newest weights and the status. */
  readonly state: string;
  /** The bucket of weights. */
  readonly weights: string;
  /** The bucket of games that do not fit into a message. */
  readonly large: string;
}

/** Gives the names of a cluster. */
export function namesOf(cluster: string): Names {
  return {
    cluster,
    games: `${cluster}-games`,
    dead: `${cluster}-dead`,
    givenUp: `${cluster}-given-up`,
    best: `${cluster}-best`,
    state: `${cluster}-state`,
    weights: `${cluster}-weights`,
    large: `${cluster}-large`,
  };
}

/** The subject of an actor's games; `*` for those of all. */
export const gamesSubject = ({ cluster }: Names, actor: string): string => `${cluster}.games.${actor}`;
/** The subject on which an actor says that it is there. */
export const helloSubject = ({ cluster }: Names, actor: string): string => `${cluster}.hello.${actor}`;
/** The subject of the games of an actor that were refused. */
export const deadSubject = ({ cluster }: Names, actor: string): string => `${cluster}.dead.${actor}`;
/** The subject of the best algorithms that a search shares. */
export const bestSubject = ({ cluster }: Names, searcher: string): string => `${cluster}.best.${searcher}`;
/** The server's word that a game was delivered `max_deliver` times in vain. */
export const givenUpSubject = ({ games }: Names): string =>
  `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${games}.${LEARNER}`;

/** Gives the actor's name at the end of a subject. Whoever published there has that actor's key. */
export function actorOf(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}

/** Names the stream that holds a key-value bucket, and the subject of a key in it. */
export const keyStream = (bucket: string): string => `KV_${bucket}`;
export const keySubject = (bucket: string, key: string): string => `$KV.${bucket}.${key}`;
/** Names the stream that holds an object store, and the subjects of an object's description and of its parts. */
export const objectStream = (bucket: string): string => `OBJ_${bucket}`;
export const objectSubject = (bucket: string, name: string): string =>
  `$O.${bucket}.M.${Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_')}`;
export const partsSubject = (bucket: string, id: string): string => `$O.${bucket}.C.${id}`;
