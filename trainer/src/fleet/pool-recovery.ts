import { messageOf } from '@alphatensor-edge/shared';
import { isRevoked } from './agent-client.js';
import { equipmentOf, type Member, type NamedAgent } from './pool-device.js';

// Whether an agent that was away may be used again.

/** Asks an agent that was away, and takes its new description. Says why it cannot be used; undefined if it can. */
export async function whyUnusable(member: Member): Promise<string | undefined> {
  const where = `${member.name} (${member.client.address})`;
  if (!(await member.client.isServing())) return `${where} does not answer`;
  try {
    const description = await member.client.describe();
    const { deviceId } = member.description;
    if (description.deviceId !== deviceId || equipmentOf(description) !== equipmentOf(member.description)) {
      return `${where} came back as another device, or with another compiler or BLAS, so its times cannot be compared with earlier ones`;
    }
    member.description = description;
    return undefined;
  } catch (error) {
    return `${where} cannot be used (${messageOf(error).replace(/\.$/, '')})`;
  }
}

/** Says why the device was revoked, so that nothing waits for it; undefined if it may come back. */
export function whyRevoked({ client }: NamedAgent): string | undefined {
  try {
    client.requireTrusted();
    return undefined;
  } catch (error) {
    return isRevoked(error) ? error.message.replace(/\.$/, '') : undefined;
  }
}
