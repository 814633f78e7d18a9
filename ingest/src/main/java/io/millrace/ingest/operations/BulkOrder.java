package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Request;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.ReplyRecord.BulkJobState;
import java.util.Map;

/**
 * What a run needs of its bulk job, as the log has it. Nothing of it is taken from the read model: whoever can write to the database must
 * not be able to ask in another's name. Immutable.
 *
 * @param request what each item is asked by, in the name of who asked for the job
 * @param rate most items in a second
 * @param forceAfterMs how long workers have to end what is cancelled, milliseconds; 0: no time
 * @param how what is asked of each besides, by name
 */
record BulkOrder(BulkJobKey job, BulkWork work, Request request, int rate, long forceAfterMs, Map<String, String> how) {

    /** @param claimed how the job stands on the log */
    static BulkOrder of(BulkJobKey job, BulkJobState claimed) {
        Principal principal = Principal.newBuilder()
                .setType(Principal.Type.USER)
                .setId(claimed.getRequestedBy())
                .setRole(claimed.getRole())
                .setCredential(claimed.getCredential())
                .build();
        Request request = new Request(new Caller(job.orgId(), "", principal, ""), "bulk job", "", claimed.getReason())
                .of(job.id());
        return new BulkOrder(
                job,
                BulkWork.read(claimed.getAction(), claimed.getQuery(), claimed.getBegunMs()),
                request,
                claimed.getRate(),
                claimed.getForceAfterMs(),
                claimed.getHowMap());
    }
}
