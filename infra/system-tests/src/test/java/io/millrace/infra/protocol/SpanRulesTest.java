package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.infra.testing.Await;
import io.millrace.proto.flovyn.v1.ExecutionSpan;
import io.millrace.proto.flovyn.v1.ReportExecutionSpansRequest;
import io.millrace.proto.flovyn.v1.ReportExecutionSpansResponse;
import io.millrace.proto.flovyn.v1.SdkInfo;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** ReportExecutionSpans is best effort: what does not fit is counted, never an error. Section 2.1.9 of the contract. */
class SpanRulesTest extends Protocol {

    @Test
    void spansOfTheKnownTypesAreAccepted() {
        ReportExecutionSpansResponse answer = report(
                List.of("workflow.execute", "workflow.replay", "task.execute", "task.retry", "activity.execute")
                        .stream()
                        .map(type -> span().setSpanType(type).build())
                        .toList());

        assertEquals(5, answer.getAcceptedCount());
        assertEquals(0, answer.getRejectedCount());
    }

    @Test
    void spansOfStandaloneTasksNameNoWorkflow() {
        assertEquals(
                1,
                report(List.of(span().setWorkflowId("standalone")
                                .setTaskId(newId())
                                .build()))
                        .getAcceptedCount());
    }

    @Test
    void spansBeyondAHundredAreRejected() {
        ReportExecutionSpansResponse answer = report(Collections.nCopies(103, span().build()));

        assertEquals(100, answer.getAcceptedCount());
        assertEquals(3, answer.getRejectedCount());
    }

    @Test
    void spansThatMakeNoSenseAreRejectedAndTheOthersAreNot() {
        ReportExecutionSpansResponse answer = report(List.of(
                span().setSpanType("coffee.break").build(),
                span().setWorkflowId("no-id").build(),
                span().setSpanId("").build(),
                span().setEndTimeUnixNs(1).build(),
                span().setIsError(true).setErrorMessage("x".repeat(5_000)).build()));

        assertEquals(1, answer.getAcceptedCount());
        assertEquals(4, answer.getRejectedCount());
    }

    @Test
    void acceptedSpansAreHandedOnToOpenTelemetry() {
        String workflow = newId();
        report(List.of(
                span().setWorkflowId(workflow).build(),
                span().setWorkflowId(workflow).setSpanType("coffee.break").build()));

        Await.until("the span to reach the collector", () -> spansOf(workflow).size() == 1);
    }

    @Test
    void longTextsAreCut() {
        String workflow = newId();
        String text = "x".repeat(5_000);
        worker.workflows()
                .reportExecutionSpans(ReportExecutionSpansRequest.newBuilder()
                        .setSdkInfo(SdkInfo.newBuilder().setLanguage("rust").setHostname(text))
                        .addSpans(span().setWorkflowId(workflow)
                                .setIsError(true)
                                .setErrorType(text)
                                .setErrorMessage(text)
                                .putAttributes("k" + text, "v" + text))
                        .build());

        Await.until("the span to reach the collector", () -> spansOf(workflow).size() == 1);
        Span span = spansOf(workflow).getFirst();
        assertEquals(1_024, span.getStatus().getMessage().length());
        assertEquals(1_024, attribute(span.getAttributesList(), "error.type").length());
        assertEquals(
                1_024,
                attribute(span.getAttributesList(), "k" + text.substring(0, 1_023))
                        .length());
        assertEquals(
                List.of(1_024),
                SharedServers.collector().received().stream()
                        .filter(resource ->
                                spansOf(resource, workflow).findAny().isPresent())
                        .map(resource -> attribute(resource.getResource().getAttributesList(), "host.name")
                                .length())
                        .toList());
    }

    private static String attribute(List<KeyValue> attributes, String key) {
        return attributes.stream()
                .filter(attribute -> attribute.getKey().equals(key))
                .map(attribute -> attribute.getValue().getStringValue())
                .findFirst()
                .orElseThrow();
    }

    private static List<Span> spansOf(String workflow) {
        return SharedServers.collector().received().stream()
                .flatMap(resource -> spansOf(resource, workflow))
                .toList();
    }

    private static Stream<Span> spansOf(ResourceSpans resource, String workflow) {
        return resource.getScopeSpansList().stream()
                .flatMap(scope -> scope.getSpansList().stream())
                .filter(span ->
                        attribute(span.getAttributesList(), "workflow.id").equals(workflow));
    }

    private ReportExecutionSpansResponse report(List<ExecutionSpan> spans) {
        return worker.workflows()
                .reportExecutionSpans(ReportExecutionSpansRequest.newBuilder()
                        .setSdkInfo(SdkInfo.newBuilder().setLanguage("rust").setSdkVersion("0.1.0"))
                        .addAllSpans(spans)
                        .build());
    }

    private static ExecutionSpan.Builder span() {
        return ExecutionSpan.newBuilder()
                .setSpanId("0af7651916cd43dd")
                .setSpanType("task.execute")
                .setWorkflowId(newId())
                .setStartTimeUnixNs(1_000)
                .setEndTimeUnixNs(2_000);
    }
}
