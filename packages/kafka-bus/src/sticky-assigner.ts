// Who gets which partition: evenly, and everybody keeps what he owns as far as that allows. Each member tells
// what it owns when it joins; the leader decides from that alone.

import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

export interface Claim {
  readonly member: string;
  readonly owned: readonly number[];
}

/** Complete, disjoint, even: nobody has two more than another. The same for the same claims in any order. */
export function share(partitions: number, claims: readonly Claim[]): ReadonlyMap<string, readonly number[]> {
  const free = new Set(Array.from({ length: partitions }, (_, partition) => partition));
  const byName = [...claims].sort((a, b) => (a.member < b.member ? -1 : 1));
  // Whom two claim belongs to the first: the other one has not heard yet that it lost it.
  const kept = byName.map(({ member, owned }) => ({
    member,
    owned: [...new Set(owned)].sort((a, b) => a - b).filter((partition) => free.delete(partition)),
  }));
  const least = Math.floor(partitions / Math.max(1, kept.length));
  const extra = partitions % Math.max(1, kept.length);
  // Those who own most get one more, where it does not come out even: so that the fewest move.
  const shares = kept
    .sort((a, b) => b.owned.length - a.owned.length)
    .map(({ member, owned }, i) => ({ member, owned, quota: least + (i < extra ? 1 : 0) }));
  for (const { owned, quota } of shares) for (const partition of owned.splice(quota)) free.add(partition);
  const rest = [...free].sort((a, b) => a - b);
  return new Map(
    shares.map(({ member, owned, quota }) => [member, [...owned, ...rest.splice(0, quota - owned.length)]]),
  );
}

const NAME = 'ampledger-sticky-1';
const VERSION = 1;

/** As kafkajs wants it. The number of partitions is the topic's, and does not change. */
export function stickyAssigner(
  partitions: number,
  topic: string,
  owned: () => readonly number[],
): PartitionAssigner {
  return () => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: encodeOwned(owned()),
      }),
    }),
    async assign({ members }) {
      const claims = members.map(({ memberId, memberMetadata }) => ({
        member: memberId,
        owned: decodeOwned(memberMetadata, partitions),
      }));
      return [...share(partitions, claims)].map(([memberId, some]) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          assignment: { [topic]: [...some] },
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
}

export function encodeOwned(owned: readonly number[]): Buffer {
  const data = Buffer.alloc(4 * owned.length);
  owned.forEach((partition, i) => {
    data.writeInt32BE(partition, 4 * i);
  });
  return data;
}

/** What cannot be read claims nothing. */
function decodeOwned(metadata: Buffer, partitions: number): readonly number[] {
  const data = AssignerProtocol.MemberMetadata.decode(metadata)?.userData;
  if (!data) return [];
  const owned = Array.from({ length: Math.floor(data.length / 4) }, (_, i) => data.readInt32BE(4 * i));
  return owned.filter((partition) => partition >= 0 && partition < partitions);
}
