package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.Limits;
import io.millrace.proto.Excerpt;
import io.millrace.proto.Ids;
import io.millrace.proto.flovyn.v1.ExecutionSpan;
import io.millrace.proto.flovyn.v1.ReportExecutionSpansRequest;
import io.millrace.proto.flovyn.v1.ReportExecutionSpansResponse;
import io.millrace.proto.flovyn.v1.SdkInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Takes in spans that workers report, for what they are worth: what does not fit is counted as rejected, never an error.
 * Safe from any thread, never blocks.
 */
public final class SpanOperations {

    private static final int MAX_TEXT_CHARS = 1_024;
    private static final int MAX_ATTRIBUTES = 64;
    private static final String STANDALONE = "standalone";
    private static final Set<String> TYPES =
            Set.of("workflow.execute", "workflow.replay", "task.execute", "task.retry", "activity.execute");

    private final SpanSink sink;
    private final Limits limits;

    SpanOperations(SpanSink sink, Limits limits) {
        this.sink = sink;
        this.limits = limits;
    }

    /** @return how many spans were taken */
    public CompletableFuture<ReportExecutionSpansResponse> report(Request request, ReportExecutionSpansRequest asked) {
        List<ExecutionSpan> accepted = new ArrayList<>();
        for (ExecutionSpan span : asked.getSpansList()) {
            if (accepted.size() < limits.spansPerRequest() && fits(span)) {
                accepted.add(cut(span));
            }
        }
        if (!accepted.isEmpty()) {
            sink.accept(request.caller(), cut(asked.getSdkInfo()), accepted);
        }
        return CompletableFuture.completedFuture(ReportExecutionSpansResponse.newBuilder()
                .setAcceptedCount(accepted.size())
                .setRejectedCount(asked.getSpansCount() - accepted.size())
                .build());
    }

    private boolean fits(ExecutionSpan span) {
        return TYPES.contains(span.getSpanType())
                && !span.getSpanId().isEmpty()
                && span.getSpanId().length() <= limits.nameChars()
                && (span.getWorkflowId().equals(STANDALONE)
                        || Ids.parse(span.getWorkflowId()).isPresent())
                && span.getStartTimeUnixNs() > 0
                && span.getEndTimeUnixNs() >= span.getStartTimeUnixNs()
                && span.getAttributesCount() <= MAX_ATTRIBUTES;
    }

    private static ExecutionSpan cut(ExecutionSpan span) {
        ExecutionSpan.Builder cut = span.toBuilder()
                .clearAttributes()
                .setErrorType(cut(span.getErrorType()))
                .setErrorMessage(cut(span.getErrorMessage()));
        span.getAttributesMap().forEach((key, value) -> cut.putAttributes(cut(key), cut(value)));
        return cut.build();
    }

    private static SdkInfo cut(SdkInfo sdk) {
        return SdkInfo.newBuilder()
                .setLanguage(cut(sdk.getLanguage()))
                .setSdkVersion(cut(sdk.getSdkVersion()))
                .setRuntimeVersion(cut(sdk.getRuntimeVersion()))
                .setOs(cut(sdk.getOs()))
                .setArch(cut(sdk.getArch()))
                .setHostname(cut(sdk.getHostname()))
                .build();
    }

    private static String cut(String text) {
        return Excerpt.of(text, MAX_TEXT_CHARS);
    }
}
