package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.dispatcher.engine.state.TracedWork;
import io.millrace.dispatcher.partition.RecordExecutor.Executed;
import io.millrace.proto.TraceContext;
import io.millrace.proto.trace.Span;
import io.millrace.proto.trace.SpanIds;
import io.millrace.proto.trace.Spans;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Makes spans of what a partition does for callers that trace: each command, from when it was asked to when it was decided, and
 * each claim, from when its work stood ready to when it was claimed, and on to when it was reported. Stream thread only.
 */
final class WorkSpans {

    /** In the types of events by which work went wrong. */
    private static final String FAILED = "FAILED";

    private static final String EXPIRED = "EXPIRED";

    private final int partition;
    private final Spans spans;
    private final InstantSource clock;

    WorkSpans(int partition, Spans spans, InstantSource clock) {
        this.partition = partition;
        this.spans = spans;
        this.clock = clock;
    }

    /** Tells of what was decided for the first time. */
    void tell(Executed executed, String name) {
        if (!spans.wanted()) {
            return;
        }
        spans.of(executed.command().getTraceparent()).ifPresent(trace -> spans.add(command(trace, executed, name)));
        for (TracedWork work : executed.outcome().traced()) {
            spans.of(work.execution().header().traceparent()).ifPresent(trace -> spans.add(work(trace, work)));
        }
    }

    private Span command(TraceContext trace, Executed executed, String name) {
        Outcome outcome = executed.outcome();
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("millrace.partition", Integer.toString(partition));
        attributes.put("millrace.offset", Long.toString(executed.meta().offset()));
        attributes.put("millrace.organisation.id", executed.meta().orgId().toString());
        long askedNanos = TimeUnit.MILLISECONDS.toNanos(executed.command().getTimeMs());
        return new Span(
                trace,
                SpanIds.command(executed.meta().commandId()),
                "command " + name,
                Span.Kind.CONSUMER,
                askedNanos,
                Math.max(askedNanos, nanos(clock.instant())),
                attributes,
                outcome.refusal() == null ? "" : outcome.refusal().reason().name());
    }

    private Span work(TraceContext trace, TracedWork work) {
        Task task = work.task();
        String what = task == null ? "workflow" : "task";
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("millrace.partition", Integer.toString(partition));
        attributes.put(
                "millrace.organisation.id", work.execution().header().orgId().toString());
        if (!work.execution().header().standaloneTask()) {
            attributes.put("workflow.id", work.execution().id().toString());
        }
        attributes.put("millrace.kind", task == null ? work.execution().header().kind() : task.kind());
        attributes.put(
                "millrace.queue", task == null ? work.execution().header().queue() : task.queue());
        if (task != null) {
            attributes.put("task.id", task.id().toString());
            attributes.put("millrace.attempt", Integer.toString(task.attempt()));
        }
        if (work.ended()) {
            attributes.put("millrace.end", work.end());
        }
        return new Span(
                trace,
                work.ended() ? SpanIds.held(work.claimId()) : SpanIds.waited(work.claimId()),
                what + (work.ended() ? " held" : " ready"),
                Span.Kind.INTERNAL,
                TimeUnit.MILLISECONDS.toNanos(work.sinceMs()),
                TimeUnit.MILLISECONDS.toNanos(work.untilMs()),
                attributes,
                work.end().contains(FAILED) || work.end().contains(EXPIRED) ? work.end() : "");
    }

    private static long nanos(Instant now) {
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
