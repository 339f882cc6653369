import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Identity, sha256 } from '@alphatensor-edge/proto';
import { AlphaTensorError } from '@alphatensor-edge/shared';
import Database from 'libsql';
import { configFolder } from '../config-folder.js';
import { trustFolder } from './folder.js';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS invitations (
    secret_hash TEXT PRIMARY KEY,  -- SHA-256; the secret itself is nowhere but in the token
    agent TEXT NOT NULL,
    expires_at INTEGER NOT NULL,   -- milliseconds since 1970, as are all times here
    used_at INTEGER
  );
  CREATE TABLE IF NOT EXISTS agents (
    name TEXT PRIMARY KEY,
    key_fingerprint TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    revoked_at INTEGER,
    certificate_until INTEGER
  );
  CREATE TABLE IF NOT EXISTS devices (  -- which agent first answered with a device id
    device_id TEXT PRIMARY KEY,
    agent TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS doubles (  -- when two connections with an agent's key were last seen at once
    agent TEXT PRIMARY KEY,
    doubled_at INTEGER NOT NULL
  );
`;

interface EnrolledAgent {
  readonly name: string;
  readonly enrolledAt: Date;
  readonly revokedAt: Date | undefined;
  /** Until when its last certificate holds; undefined: an earlier version issued it. */
  readonly certificateUntil: Date | undefined;
  /** When two connections with its key were last seen at once; undefined: never. */
  readonly doubledAt: Date | undefined;
}

/** Keeps the invitations and the enrolled agents, one key for each name. Any number of processes can use it at once. */
export class TrustStore {
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Tells whether there is a store: it is made at the first invitation. */
  static exists(): boolean {
    return existsSync(join(configFolder(), 'trust', 'agents.sqlite'));
  }

  static open(): TrustStore {
    const file = join(trustFolder(), 'agents.sqlite');
    // Makes the file private first; SQLite would let everybody read it.
    closeSync(openSync(file, 'a', 0o600));
    const database = new Database(file);
    database.exec('PRAGMA busy_timeout = 5000');
    database.exec(SCHEMA);
    addMissingColumn(database);
    return new TrustStore(database);
  }

  invite(agent: string, secret: Buffer, expiresAt: Date): void {
    const now = Date.now();
    this.#database.prepare('DELETE FROM invitations WHERE expires_at < ?').run(now - 24 * 3600 * 1000);
    this.#database
      .prepare('INSERT INTO invitations (secret_hash, agent, expires_at) VALUES (?, ?, ?)')
      .run(sha256(secret), agent, expiresAt.getTime());
  }

  /**
   * Uses up an invitation and enrols its agent with this key, in one transaction. It replaces an earlier key of that name.
   * @returns the name of the agent
   * @throws AlphaTensorError UNAUTHENTICATED
   */
  redeem(secret: Buffer, keyFingerprint: string, now = Date.now()): string {
    const hash = sha256(secret);
    return this.#database.transaction(() => {
      const used = this.#database
        .prepare('UPDATE invitations SET used_at = ? WHERE secret_hash = ? AND used_at IS NULL AND expires_at > ?')
        .run(now, hash, now);
      const invitation = this.#database
        .prepare('SELECT agent, used_at AS usedAt FROM invitations WHERE secret_hash = ?')
        .get(hash) as { agent: string; usedAt: number | null } | undefined;
      if (invitation === undefined) throw refused('is not known here');
      if (used.changes !== 1) throw refused(invitation.usedAt === null ? 'has expired' : 'was used already');
      this.#database
        .prepare('INSERT OR REPLACE INTO agents (name, key_fingerprint, enrolled_at) VALUES (?, ?, ?)')
        .run(invitation.agent, keyFingerprint, now);
      // What is known of the key before does not hold for this one.
      this.#database.prepare('DELETE FROM doubles WHERE agent = ?').run(invitation.agent);
      return invitation.agent;
    })();
  }

  /** Says why an identity is not let in; undefined for an enrolled agent with the key that it enrolled with. */
  refusal(identity: Identity | undefined): string | undefined {
    if (identity?.role !== 'agent') return 'the certificate is not an agent’s';
    const row = this.#database
      .prepare('SELECT key_fingerprint AS keyFingerprint, revoked_at AS revokedAt FROM agents WHERE name = ?')
      .get(identity.name) as { keyFingerprint: string; revokedAt: number | null } | undefined;
    if (row === undefined) return `${identity.name} is not enrolled`;
    if (row.revokedAt !== null) return `${identity.name} was revoked`;
    return row.keyFingerprint === identity.keyFingerprint
      ? undefined
      : `${identity.name} has since enrolled with another key`;
  }

  /** Revokes an agent and its open invitations. @throws AlphaTensorError NOT_FOUND */
  revoke(name: string): void {
    const { changes } = this.#database
      .prepare('UPDATE agents SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL')
      .run(Date.now(), name);
    const invitations = this.#database.prepare('DELETE FROM invitations WHERE agent = ? AND used_at IS NULL').run(name);
    if (changes + invitations.changes > 0) return;
    throw new AlphaTensorError('NOT_FOUND', `No agent is enrolled as "${name}"; see at-trainer agents list.`);
  }

  /** Notes until when the certificate that was issued to an agent holds. */
  noteCertificate(name: string, until: Date): void {
    this.#database.prepare('UPDATE agents SET certificate_until = ? WHERE name = ?').run(until.getTime(), name);
  }

  /** Lists the invitations that are neither used nor expired, the next to expire first. */
  openInvitations(now = new Date()): { agent: string; expiresAt: Date }[] {
    const rows = this.#database
      .prepare(
        'SELECT agent, expires_at AS expiresAt FROM invitations WHERE used_at IS NULL AND expires_at > ? ORDER BY expires_at',
      )
      .all(now.getTime()) as { agent: string; expiresAt: number }[];
    return rows.map(({ agent, expiresAt }) => ({ agent, expiresAt: new Date(expiresAt) }));
  }

  list(): EnrolledAgent[] {
    const rows = this.#database
      .prepare(
        `SELECT name, enrolled_at AS enrolledAt, revoked_at AS revokedAt, certificate_until AS until, doubled_at AS doubledAt
           FROM agents LEFT JOIN doubles ON agent = name ORDER BY name`,
      )
      .all() as ({ name: string; enrolledAt: number } & Record<'revokedAt' | 'until' | 'doubledAt', number | null>)[];
    return rows.map(({ name, enrolledAt, revokedAt, until, doubledAt }) => ({
      name,
      enrolledAt: new Date(enrolledAt),
      revokedAt: dateOf(revokedAt),
      certificateUntil: dateOf(until),
      doubledAt: dateOf(doubledAt),
    }));
  }

  /** Records that two connections with the agent's key are open at once. */
  noteDouble(name: string, now = Date.now()): void {
    this.#database.prepare('INSERT OR REPLACE INTO doubles VALUES (?, ?)').run(name, now);
  }

  /**
   * Ties a device id to the first enrolled agent that answers with it.
   * @returns the agent that has the id already; undefined: it is this one, or one that is enrolled no more
   */
  bindDevice(name: string, deviceId: string): string | undefined {
    return this.#database.transaction(() => {
      const holder = this.#database
        .prepare(
          `SELECT agent FROM devices JOIN agents ON name = agent WHERE device_id = ? AND revoked_at IS NULL AND agent <> ?`,
        )
        .get(deviceId, name) as { agent: string } | undefined;
      if (holder !== undefined) return holder.agent;
      this.#database.prepare('INSERT OR REPLACE INTO devices VALUES (?, ?)').run(deviceId, name);
      return undefined;
    })();
  }

  close(): void {
    this.#database.close();
  }
}

/** Brings a store of an earlier version up to date. */
function addMissingColumn(database: Database.Database): void {
  const columns = database.prepare('PRAGMA table_info(agents)').all() as { name: string }[];
  if (columns.some(({ name }) => name === 'certificate_until')) return;
  database.exec('ALTER TABLE agents ADD COLUMN certificate_until INTEGER');
}

function dateOf(time: number | null): Date | undefined {
  return time === null ? undefined : new Date(time);
}

function refused(why: string): AlphaTensorError {
  return new AlphaTensorError(
    'UNAUTHENTICATED',
    `The token ${why}; get a new one with at-trainer agents invite NAME.`,
    { field: '--token' },
  );
}
