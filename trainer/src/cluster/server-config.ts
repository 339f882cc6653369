import type { Level } from './credentials.js';
import { bestSubject, gamesSubject, helloSubject, keyStream, type Names, namesOf, objectStream } from './names.js';

/** Holds a member of a cluster, as the server knows it. */
export interface Member {
  readonly name: string;
  readonly level: Level;
  /** The public part of its nkey. */
  readonly key: string;
}

/** Sets a server's configuration. */
export interface ServerSettings {
  readonly cluster: string;
  readonly port: number;
  /** The folder of the streams. */
  readonly store: string;
  /** The files of the server's certificate and its key; undefined: without TLS. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  readonly members: readonly Member[];
}

/** What actors and observers may read: the state, weights and shared algorithms, message by message. */
function readSubjects({ state, weights, best }: Names): string[] {
  return [keyStream(state), objectStream(weights), best].flatMap((stream) => [
    `$JS.API.DIRECT.GET.${stream}`,
    `$JS.API.DIRECT.GET.${stream}.>`,
  ]);
}

/** What actors may write. With `*` in place of a name, that of all. */
function writeSubjects(names: Names, actor: string): string[] {
  return [
    gamesSubject(names, actor),
    helloSubject(names, actor),
    bestSubject(names, actor),
    `$O.${names.large}.>`,
    `$JS.API.DIRECT.GET.${objectStream(names.large)}.>`,
  ];
}

/**
 * Writes the configuration of a nats-server for a cluster. Each level of trust has an account: the streams are in the learner's. Actors and
 * observers reach only what it exports, one subject each, so that a reply subject that one of them chooses leads into its own account and
 * never to the learner's streams (nats-server issue 8924).
 */
export function serverConfig({ cluster, port, store, tls, members }: ServerSettings): string {
  const names = namesOf(cluster);
  const reads = readSubjects(names);
  const writes = writeSubjects(names, '*');
  const of = (level: Level): Member[] => members.filter((member) => member.level === level);
  const exported = (account: string, subjects: readonly string[]): string[] =>
    subjects.map((subject) => `{ service: ${text(subject)}, accounts: [${account}] }`);
  const imported = (subjects: readonly string[]): string[] =>
    subjects.map((subject) => `{ service: { account: LEARNER, subject: ${text(subject)} } }`);
  const exports = reads.map((subject) => `{ service: ${text(subject)}, accounts: [ACTORS, OBSERVERS] }`);
  return `# Written by at-trainer cluster; at-trainer cluster invite writes it anew. Start: nats-server -c THIS
port: ${port}
jetstream { store_dir: ${text(store)} }
max_payload: 1MB
${tls === undefined ? '# without TLS: for one machine, or a network that nobody else reaches' : `tls { cert_file: ${text(tls.certificate)}, key_file: ${text(tls.key)}, timeout: 15 }`}
accounts {
  LEARNER {
    jetstream: enabled
    users: [
      ${of('learner')
        .map(({ name, key }) => `{ nkey: ${key} } # ${name}`)
        .join('\n      ')}
    ]
    exports: [
      ${[...exports, ...exported('ACTORS', writes)].join('\n      ')}
    ]
  }
  ACTORS {
    users: [
      ${of('actor')
        .map((member) => user(member, [...reads, ...writeSubjects(names, member.name)]))
        .join('\n      ')}
    ]
    imports: [
      ${imported([...reads, ...writes]).join('\n      ')}
    ]
  }
  OBSERVERS {
    users: [
      ${of('observer')
        .map((member) => user(member, reads))
        .join('\n      ')}
    ]
    imports: [
      ${imported(reads).join('\n      ')}
    ]
  }
}
`;
}

/** A user with the subjects that it may publish on. Answers come to an inbox of its own, to which nobody else of its account may listen. */
function user({ name, key }: Member, subjects: readonly string[]): string {
  const allowed = subjects.map(text).join(', ');
  const inbox = text(`_INBOX_${name}.>`);
  return `{ nkey: ${key}, permissions: { publish: { allow: [${allowed}] }, subscribe: { allow: [${inbox}] } } } # ${name}`;
}

function text(value: string): string {
  return JSON.stringify(value);
}
