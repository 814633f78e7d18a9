package io.millrace.proto.log;

import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.CommandRecord;

/** What every command of a caller says of its request: who asked, from where, for which organisation. */
public final class CommandHeader {

    private CommandHeader() {}

    /**
     * @param traceparent trace context of the caller, or the empty text
     * @param node the node that writes the command
     * @return a command without a body
     */
    public static CommandRecord.Builder of(Caller caller, String traceparent, String node) {
        return CommandRecord.newBuilder()
                .setOrgId(Ids.toByteString(caller.orgId()))
                .setPrincipal(caller.principal())
                .setOrigin(caller.peer().isEmpty() ? node : node + " " + caller.peer())
                .setTraceparent(traceparent);
    }
}
