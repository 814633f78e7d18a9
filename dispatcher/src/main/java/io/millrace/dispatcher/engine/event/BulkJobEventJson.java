package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.BulkJob;
import io.millrace.dispatcher.engine.command.BulkJob.Claim;
import io.millrace.dispatcher.engine.command.BulkJob.Definition;
import io.millrace.dispatcher.engine.command.BulkJob.Progress;
import io.millrace.dispatcher.engine.command.BulkJob.Status;
import io.millrace.dispatcher.engine.event.Event.BulkJobChanged;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;

/** JSON of how a bulk job stands, to and fro. */
@NullUnmarked // what stands in a log is believed as it stands, and only compared
final class BulkJobEventJson {

    static final String TYPE = "BULK_JOB_CHANGED";

    private BulkJobEventJson() {}

    static void write(JsonWriter json, BulkJobChanged event) {
        BulkJob job = event.job();
        Definition what = job.definition();
        Progress progress = job.progress();
        json.id("jobId", job.id())
                .text("status", job.status().name())
                .optional("statusBy", job.statusBy())
                .optional("statusReason", job.statusReason())
                .number("done", progress.done())
                .number("refused", progress.refused())
                .number("skipped", progress.skipped())
                .number("cursorMs", progress.cursorMs())
                .id("cursorId", progress.cursorId())
                .optional("runner", job.claim().runner())
                .number("claim", job.claim().number())
                .number("claimedUntilMs", job.claim().untilMs())
                .text("action", what.action())
                .text("query", what.query())
                .number("rate", what.rate())
                .number("forceAfterMs", what.forceAfterMs())
                .number("expected", what.expected())
                .text("reason", what.reason())
                .text("requestedBy", what.requestedBy())
                .text("role", what.role())
                .optional("credential", what.credential())
                .number("begunMs", what.begunMs())
                .texts("how", what.how())
                .number("version", job.version());
    }

    static BulkJobChanged read(SealedEvent sealed, JsonReader json) {
        return new BulkJobChanged(
                sealed.orgId(),
                new BulkJob(
                        json.id("jobId"),
                        new Definition(
                                json.text("action"),
                                json.text("query"),
                                (int) json.number("rate"),
                                json.number("forceAfterMs"),
                                json.number("expected"),
                                json.text("reason"),
                                json.text("requestedBy"),
                                json.text("role"),
                                json.optional("credential"),
                                json.number("begunMs"),
                                json.has("how") ? json.texts("how") : Map.of()),
                        Status.valueOf(json.text("status")),
                        json.optional("statusBy"),
                        json.optional("statusReason"),
                        new Claim(json.optional("runner"), json.number("claim"), json.number("claimedUntilMs")),
                        new Progress(
                                json.number("cursorMs"),
                                json.optionalId("cursorId"),
                                json.number("done"),
                                json.number("refused"),
                                json.number("skipped")),
                        json.has("version") ? json.number("version") : 0));
    }
}
