package io.millrace.infra.telemetry;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.millrace.ingest.operations.SpanSink;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.ExecutionSpan;
import io.millrace.proto.flovyn.v1.SdkInfo;
import io.millrace.proto.trace.Span;
import io.millrace.proto.trace.Spans;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands spans on to OpenTelemetry, as OTLP over gRPC: those that workers report, each report in one request, and those that
 * this node makes, as many together as there are. Spans are dropped if the collector is too slow or away, and the log says so now
 * and then. Safe from any thread, never blocks.
 *
 * <p>OpenTelemetry's own exporter is made for spans that begin and end in one process under ids that it draws. Here they are made
 * afterwards, of what the log says, under ids that follow from it.
 */
public final class OtlpSpans implements SpanSink, Spans, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OtlpSpans.class);
    private static final long LIMIT_S = 10;
    private static final int MAX_UNDER_WAY = 64;
    private static final long SAY_EVERY_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** Spans of this node that may wait, some 4 MB. */
    private static final int MAX_WAITING = 8_192;

    private static final int MAX_TOGETHER = 512;
    /** Others are waited for so long, since one request costs as much as many spans. */
    private static final long TOGETHER_MS = 100;

    private final URI endpoint;
    private final String node;
    private final ManagedChannel channel;
    private final TraceServiceGrpc.TraceServiceFutureStub collector;
    private final BlockingQueue<Span> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Thread sender;
    private final AtomicLong underWay = new AtomicLong();
    private final AtomicLong exported = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong unsaid = new AtomicLong();
    private final AtomicLong sayAgain = new AtomicLong(System.nanoTime());

    /**
     * @param endpoint the collector's OTLP over gRPC, such as {@code http://127.0.0.1:4317}; with https it uses TLS
     * @param node name of this node, of which its spans tell
     */
    public OtlpSpans(URI endpoint, String node) {
        this.endpoint = endpoint;
        this.node = node;
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(endpoint.getHost(), endpoint.getPort());
        channel = (endpoint.getScheme().equals("https") ? builder : builder.usePlaintext()).build();
        collector = TraceServiceGrpc.newFutureStub(channel);
        sender = Thread.ofPlatform().daemon().name("millrace-spans").start(this::sendAll);
    }

    @Override
    public void accept(Caller caller, SdkInfo sdk, List<ExecutionSpan> spans) {
        send(OtlpForm.of(caller, sdk, spans), spans.size());
    }

    @Override
    public boolean wanted() {
        return true;
    }

    @Override
    public void add(Span span) {
        if (!waiting.offer(span)) {
            drop(1, MAX_WAITING + " spans wait already");
        }
    }

    /** @return spans that the collector has taken */
    public long exported() {
        return exported.get();
    }

    /** @return spans that were dropped */
    public long dropped() {
        return dropped.get();
    }

    private void sendAll() {
        List<Span> together = new ArrayList<>();
        try {
            while (true) {
                together.add(waiting.take());
                Thread.sleep(TOGETHER_MS);
                try {
                    sendWaiting(together);
                } catch (RuntimeException e) {
                    drop(together.size(), e.toString());
                    together.clear();
                }
            }
        } catch (InterruptedException closed) {
            sendWaiting(together);
        }
    }

    /** @param together what was taken already; empty afterwards */
    private void sendWaiting(List<Span> together) {
        do {
            waiting.drainTo(together, MAX_TOGETHER - together.size());
            if (!together.isEmpty()) {
                send(OtlpForm.of(node, together), together.size());
                together.clear();
            }
        } while (!waiting.isEmpty());
    }

    private void send(ResourceSpans form, int spans) {
        if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
            underWay.decrementAndGet();
            drop(spans, MAX_UNDER_WAY + " reports wait for the collector already");
            return;
        }
        ExportTraceServiceRequest request =
                ExportTraceServiceRequest.newBuilder().addResourceSpans(form).build();
        // Not within the worker's call, whose end would cancel this one.
        Context.ROOT.run(() -> send(request, spans));
    }

    private void send(ExportTraceServiceRequest request, int spans) {
        ListenableFuture<ExportTraceServiceResponse> answer =
                collector.withDeadlineAfter(LIMIT_S, TimeUnit.SECONDS).export(request);
        answer.addListener(
                () -> {
                    underWay.decrementAndGet();
                    try {
                        long rejected = answer.get().getPartialSuccess().getRejectedSpans();
                        exported.addAndGet(spans - rejected);
                        if (rejected > 0) {
                            drop(rejected, "the collector rejected them");
                        }
                    } catch (Exception e) {
                        drop(spans, e.getMessage());
                    }
                },
                MoreExecutors.directExecutor());
    }

    private void drop(long spans, @Nullable String cause) {
        dropped.addAndGet(spans);
        unsaid.addAndGet(spans);
        long now = System.nanoTime();
        long due = sayAgain.get();
        if (now - due >= 0 && sayAgain.compareAndSet(due, now + SAY_EVERY_NANOS)) {
            LOG.warn("spans dropped spans={} endpoint={} cause={}", unsaid.getAndSet(0), endpoint, cause);
        }
    }

    /** Sends what waits, and gives what is under way two seconds. */
    @Override
    public void close() {
        sender.interrupt();
        try {
            sender.join(TimeUnit.SECONDS.toMillis(2));
            channel.shutdown();
            channel.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channel.shutdownNow();
    }
}
