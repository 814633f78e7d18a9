package io.millrace.dispatcher.partition;

import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import java.util.UUID;

/** Commands that a node writes by itself, for nobody who asked. */
final class NodeCommand {

    /** Organisation of what concerns the server, and no organisation. */
    static final UUID SERVER = new UUID(0, 0);

    private NodeCommand() {}

    /**
     * @param writer part of the server that writes it
     * @param orgId organisation that it concerns
     * @param timeMs time of the writer, milliseconds since the epoch
     * @return a command with a new id, and without a body
     */
    static CommandRecord.Builder by(String writer, UUID orgId, String node, long timeMs) {
        return CommandRecord.newBuilder()
                .setCommandId(Ids.toByteString(Shards.newId()))
                .setOrgId(Ids.toByteString(orgId))
                .setPrincipal(
                        Principal.newBuilder().setType(Principal.Type.SYSTEM).setId(writer))
                .setTimeMs(timeMs)
                .setOrigin(node);
    }
}
