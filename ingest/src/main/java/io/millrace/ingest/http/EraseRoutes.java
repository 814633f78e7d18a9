package io.millrace.ingest.http;

import io.millrace.ingest.operations.EraseOperations;
import io.millrace.ingest.operations.EraseOperations.Erased;
import io.millrace.ingest.operations.EraseOperations.Erasing;
import io.millrace.ingest.operations.Operations;
import java.util.concurrent.CompletableFuture;

/** Erasure of payloads over HTTP. */
final class EraseRoutes {

    private final Operations operations;

    EraseRoutes(Operations operations) {
        this.operations = operations;
    }

    /** What is to be erased, and why. */
    @FunctionalInterface
    private interface Asked {
        CompletableFuture<Erasing> of(EraseOperations erasures, String reason);
    }

    HttpReply workflow(HttpCall call) {
        return erase(call, (erasures, reason) -> erasures.workflow(call.asked(), call.part("id"), reason));
    }

    HttpReply task(HttpCall call) {
        return erase(call, (erasures, reason) -> erasures.task(call.asked(), call.part("id"), reason));
    }

    HttpReply subject(HttpCall call) {
        return erase(call, (erasures, reason) -> erasures.subject(call.asked(), call.part("subject"), reason));
    }

    private HttpReply erase(HttpCall call, Asked asked) {
        String reason = call.fields("reason").text("reason").orElse("");
        Erasing erasing = asked.of(operations.erasures(), reason).join();
        if (erasing.pending().isPresent()) {
            return ApprovalRoutes.pending(erasing.pending().get());
        }
        Erased erased = erasing.erased().orElseThrow();
        return HttpReply.json(
                200,
                Json.object(json -> json.time("erasedAt", erased.atMs())
                        .time("nowhereAt", erased.nowhereMs())
                        .flag("changed", erased.changed())));
    }
}
