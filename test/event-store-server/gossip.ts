// A cluster of one: what `+discover` asks for.

import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import gossipPb from '@eventstore/db-client/generated/gossip_pb.js';
import type { Server, sendUnaryData } from '@grpc/grpc-js';
import { uuidOf } from './messages.js';

const LEADER = 8;
const INSTANCE = '00000000-0000-4000-8000-000000000001';

export function addGossip(server: Server, port: () => number): void {
  server.addService(gossipGrpc.GossipService, {
    read(_call: unknown, respond: sendUnaryData<ClusterInfo>) {
      const endpoint = new gossipPb.EndPoint();
      endpoint.setAddress('localhost');
      endpoint.setPort(port());
      const member = new gossipPb.MemberInfo();
      member.setInstanceId(uuidOf(INSTANCE));
      member.setTimeStamp('0');
      member.setState(LEADER);
      member.setIsAlive(true);
      member.setHttpEndPoint(endpoint);
      const cluster = new gossipPb.ClusterInfo();
      cluster.addMembers(member);
      respond(null, cluster);
    },
  });
}
