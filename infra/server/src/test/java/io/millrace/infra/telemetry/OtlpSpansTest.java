package io.millrace.infra.telemetry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.ByteString;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestCollector;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.ExecutionSpan;
import io.millrace.proto.flovyn.v1.SdkInfo;
import io.millrace.proto.v1.Principal;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OtlpSpansTest {

    private static final UUID WORKFLOW = UUID.fromString("0b0f7a3e-6f0c-4d0e-9c0d-2f4b6a8c0e12");
    private static final UUID TASK = UUID.fromString("11111111-6f0c-4d0e-9c0d-2f4b6a8c0e12");
    private static final SdkInfo SDK = SdkInfo.newBuilder()
            .setLanguage("rust")
            .setSdkVersion("0.3.0")
            .setHostname("w1")
            .build();
    private static final Caller CALLER =
            new Caller(UUID.randomUUID(), "acme", Principal.getDefaultInstance(), "127.0.0.1:1");

    @Test
    void aReportArrivesInTheFormOfOpenTelemetry() {
        ResourceSpans sent = send(span("0af7651916cd43dd")
                .setParentSpanId("00f067aa0ba902b7")
                .setTaskId(TASK.toString())
                .setIsError(true)
                .setErrorType("ERROR")
                .setErrorMessage("it broke")
                .putAttributes("workflow.id", "another")
                .putAttributes("attempt", "2"));

        Map<String, String> resource = texts(sent.getResource().getAttributesList());
        assertEquals("millrace-worker", resource.get("service.name"));
        assertEquals("acme", resource.get("millrace.organisation"));
        assertEquals("rust", resource.get("telemetry.sdk.language"));
        assertEquals("w1", resource.get("host.name"));
        Span span = sent.getScopeSpans(0).getSpans(0);
        assertEquals("task.execute", span.getName());
        assertArrayEquals(
                HexFormat.of().parseHex("0af7651916cd43dd"), span.getSpanId().toByteArray());
        assertArrayEquals(
                HexFormat.of().parseHex("00f067aa0ba902b7"),
                span.getParentSpanId().toByteArray());
        assertEquals(1_000, span.getStartTimeUnixNano());
        assertEquals(2_000, span.getEndTimeUnixNano());
        assertEquals(Status.StatusCode.STATUS_CODE_ERROR, span.getStatus().getCode());
        assertEquals("it broke", span.getStatus().getMessage());
        assertEquals(
                Map.of(
                        "workflow.id",
                        WORKFLOW.toString(),
                        "task.id",
                        TASK.toString(),
                        "error.type",
                        "ERROR",
                        "attempt",
                        "2"),
                texts(span.getAttributesList()));
    }

    @Test
    void idsOfAnotherFormAreTakenToOnesThatFit() {
        Span first =
                send(span("span-1").setParentSpanId("root")).getScopeSpans(0).getSpans(0);
        Span again = send(span("span-1")).getScopeSpans(0).getSpans(0);
        Span other = send(span("root")).getScopeSpans(0).getSpans(0);

        assertEquals(8, first.getSpanId().size());
        assertEquals(first.getSpanId(), again.getSpanId());
        assertEquals(other.getSpanId(), first.getParentSpanId());
        assertNotEquals(first.getSpanId(), other.getSpanId());
    }

    @Test
    void aWorkflowIsATraceAndSoIsAStandaloneTask() {
        ExecutionSpan.Builder task = span("a").setWorkflowId("standalone").setTaskId(TASK.toString());

        assertEquals(trace(CALLER, span("a")), trace(CALLER, span("b").setTaskId(TASK.toString())));
        assertEquals(trace(CALLER, task), trace(CALLER, task.setSpanId("b")));
        assertNotEquals(trace(CALLER, span("a")), trace(CALLER, task));
    }

    @Test
    void nobodyReportsIntoATraceOfAnotherOrganisation() {
        Caller stranger = new Caller(UUID.randomUUID(), "other", Principal.getDefaultInstance(), "127.0.0.1:1");

        assertNotEquals(trace(CALLER, span("a")), trace(stranger, span("a")));
    }

    private static ByteString trace(Caller caller, ExecutionSpan.Builder span) {
        ByteString id = send(caller, span).getScopeSpans(0).getSpans(0).getTraceId();
        assertEquals(16, id.size());
        return id;
    }

    @Test
    void withoutACollectorReportsAreDroppedAndNobodyWaits() {
        URI nobody;
        try (TestCollector gone = new TestCollector()) {
            nobody = gone.address();
        }
        try (OtlpSpans spans = new OtlpSpans(nobody, "node")) {
            for (int i = 0; i < 1_000; i++) {
                spans.accept(CALLER, SDK, List.of(span("a").build()));
            }
        }
    }

    private static ResourceSpans send(ExecutionSpan.Builder span) {
        return send(CALLER, span);
    }

    private static ResourceSpans send(Caller caller, ExecutionSpan.Builder span) {
        try (TestCollector collector = new TestCollector();
                OtlpSpans spans = new OtlpSpans(collector.address(), "node")) {
            spans.accept(caller, SDK, List.of(span.build()));
            Await.until("the spans to arrive", () -> !collector.received().isEmpty());
            return collector.received().get(0);
        }
    }

    private static ExecutionSpan.Builder span(String id) {
        return ExecutionSpan.newBuilder()
                .setSpanId(id)
                .setSpanType("task.execute")
                .setWorkflowId(WORKFLOW.toString())
                .setStartTimeUnixNs(1_000)
                .setEndTimeUnixNs(2_000);
    }

    private static Map<String, String> texts(List<KeyValue> attributes) {
        return attributes.stream()
                .collect(Collectors.toMap(
                        KeyValue::getKey, pair -> pair.getValue().getStringValue()));
    }
}
