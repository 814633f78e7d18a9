package io.millrace.infra.telemetry;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.ExecutionSpan;
import io.millrace.proto.flovyn.v1.SdkInfo;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The form that OpenTelemetry gives to spans. All that workers report of a workflow is one trace, and so is what they report of a
 * standalone task, since they name no trace there. The trace's id is made from the organisation and the id of the workflow or task.
 * So nobody can report into a trace of another organisation.
 */
final class OtlpForm {

    private static final int TRACE_ID_BYTES = 16;
    private static final int SPAN_ID_BYTES = 8;
    /** Attributes that say what a span belongs to. A worker's own attributes of these names are left out. */
    private static final Set<String> OWN_ATTRIBUTES = Set.of("workflow.id", "task.id", "error.type");

    private OtlpForm() {}

    static ResourceSpans of(Caller caller, SdkInfo sdk, List<ExecutionSpan> spans) {
        Resource.Builder resource = Resource.newBuilder()
                .addAttributes(attribute("service.name", "millrace-worker"))
                .addAttributes(attribute("millrace.organisation", caller.orgSlug()));
        put(resource, "telemetry.sdk.language", sdk.getLanguage());
        put(resource, "telemetry.sdk.version", sdk.getSdkVersion());
        put(resource, "process.runtime.version", sdk.getRuntimeVersion());
        put(resource, "os.type", sdk.getOs());
        put(resource, "host.arch", sdk.getArch());
        put(resource, "host.name", sdk.getHostname());
        ScopeSpans.Builder scope = ScopeSpans.newBuilder()
                .setScope(InstrumentationScope.newBuilder().setName("flovyn").setVersion(sdk.getSdkVersion()));
        spans.forEach(span -> scope.addSpans(span(caller, span)));
        return ResourceSpans.newBuilder()
                .setResource(resource)
                .addScopeSpans(scope)
                .build();
    }

    /** @param node that made the spans */
    static ResourceSpans of(String node, List<io.millrace.proto.trace.Span> spans) {
        ScopeSpans.Builder scope = ScopeSpans.newBuilder()
                .setScope(InstrumentationScope.newBuilder().setName("millrace"));
        spans.forEach(span -> scope.addSpans(span(span)));
        return ResourceSpans.newBuilder()
                .setResource(Resource.newBuilder()
                        .addAttributes(attribute("service.name", "millrace"))
                        .addAttributes(attribute("service.instance.id", node)))
                .addScopeSpans(scope)
                .build();
    }

    private static Span span(io.millrace.proto.trace.Span made) {
        Span.Builder span = Span.newBuilder()
                .setTraceId(hex(made.cause().traceId()))
                .setSpanId(hex(HexFormat.of().toHexDigits(made.id())))
                .setName(made.name())
                .setKind(
                        switch (made.kind()) {
                            case SERVER -> Span.SpanKind.SPAN_KIND_SERVER;
                            case CONSUMER -> Span.SpanKind.SPAN_KIND_CONSUMER;
                            case INTERNAL -> Span.SpanKind.SPAN_KIND_INTERNAL;
                        })
                .setFlags(made.cause().flags())
                .setStartTimeUnixNano(made.startNanos())
                .setEndTimeUnixNano(made.endNanos());
        if (!made.first()) {
            span.setParentSpanId(hex(made.cause().spanId()));
        }
        made.attributes().forEach((key, value) -> span.addAttributes(attribute(key, value)));
        if (!made.failure().isEmpty()) {
            span.addAttributes(attribute("error.type", made.failure()))
                    .setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR));
        }
        return span.build();
    }

    private static ByteString hex(String digits) {
        return ByteString.copyFrom(HexFormat.of().parseHex(digits));
    }

    private static Span span(Caller caller, ExecutionSpan reported) {
        Span.Builder span = Span.newBuilder()
                .setTraceId(traceId(caller, reported))
                .setSpanId(spanId(reported.getSpanId()))
                .setName(reported.getSpanType())
                .setKind(Span.SpanKind.SPAN_KIND_CONSUMER)
                .setStartTimeUnixNano(reported.getStartTimeUnixNs())
                .setEndTimeUnixNano(reported.getEndTimeUnixNs())
                .addAttributes(attribute("workflow.id", reported.getWorkflowId()));
        if (!reported.getParentSpanId().isEmpty()) {
            span.setParentSpanId(spanId(reported.getParentSpanId()));
        }
        if (!reported.getTaskId().isEmpty()) {
            span.addAttributes(attribute("task.id", reported.getTaskId()));
        }
        reported.getAttributesMap().forEach((key, value) -> {
            if (!OWN_ATTRIBUTES.contains(key)) {
                span.addAttributes(attribute(key, value));
            }
        });
        if (reported.getIsError()) {
            if (!reported.getErrorType().isEmpty()) {
                span.addAttributes(attribute("error.type", reported.getErrorType()));
            }
            span.setStatus(Status.newBuilder()
                    .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                    .setMessage(reported.getErrorMessage()));
        }
        return span.build();
    }

    private static ByteString traceId(Caller caller, ExecutionSpan span) {
        String what = Ids.parse(span.getWorkflowId())
                .or(() -> Ids.parse(span.getTaskId()))
                .map(UUID::toString)
                .orElseGet(() -> span.getTaskId().isEmpty() ? span.getSpanId() : span.getTaskId());
        return digest(caller.orgId() + " " + what, TRACE_ID_BYTES);
    }

    /** An id that OpenTelemetry does not allow becomes one that it allows, the same each time. */
    private static ByteString spanId(String id) {
        if (id.length() == 2 * SPAN_ID_BYTES) {
            try {
                return ByteString.copyFrom(HexFormat.of().parseHex(id));
            } catch (IllegalArgumentException notHex) {
                return digest(id, SPAN_ID_BYTES);
            }
        }
        return digest(id, SPAN_ID_BYTES);
    }

    private static ByteString digest(String text, int bytes) {
        try {
            byte[] whole = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteString.copyFrom(whole, 0, bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected every JDK to have SHA-256", e);
        }
    }

    private static void put(Resource.Builder resource, String key, String value) {
        if (!value.isEmpty()) {
            resource.addAttributes(attribute(key, value));
        }
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }
}
