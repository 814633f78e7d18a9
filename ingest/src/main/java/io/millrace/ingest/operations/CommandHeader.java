package io.millrace.ingest.operations;

import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.CommandRecord;

/** What every command of the front door says of its request: who, from where, for which organisation. */
final class CommandHeader {

    private CommandHeader() {}

    /** @return a command without a body */
    static CommandRecord.Builder of(Request request, String node) {
        Caller caller = request.caller();
        return CommandRecord.newBuilder()
                .setOrgId(Ids.toByteString(caller.orgId()))
                .setPrincipal(caller.principal())
                .setOrigin(caller.peer().isEmpty() ? node : node + " " + caller.peer())
                .setTraceparent(request.traceparent());
    }
}
