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
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.TraceServiceGrpc;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands spans that workers report on to OpenTelemetry: each report is one OTLP request over gRPC. Spans are dropped if
 * the collector is too slow or away, and the log says so now and then. Safe from any thread, never blocks.
 */
public final class OtlpSpans implements SpanSink, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OtlpSpans.class);
    private static final long LIMIT_S = 10;
    private static final int MAX_UNDER_WAY = 64;
    private static final long SAY_EVERY_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final URI endpoint;
    private final ManagedChannel channel;
    private final TraceServiceGrpc.TraceServiceFutureStub collector;
    private final AtomicLong underWay = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong sayAgain = new AtomicLong(System.nanoTime());

    /** @param endpoint the collector's OTLP over gRPC, such as {@code http://127.0.0.1:4317}; with https it uses TLS */
    public OtlpSpans(URI endpoint) {
        this.endpoint = endpoint;
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(endpoint.getHost(), endpoint.getPort());
        channel = (endpoint.getScheme().equals("https") ? builder : builder.usePlaintext()).build();
        collector = TraceServiceGrpc.newFutureStub(channel);
    }

    @Override
    public void accept(Caller caller, SdkInfo sdk, List<ExecutionSpan> spans) {
        if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
            underWay.decrementAndGet();
            drop(spans.size(), MAX_UNDER_WAY + " reports wait for the collector already");
            return;
        }
        ExportTraceServiceRequest request = ExportTraceServiceRequest.newBuilder()
                .addResourceSpans(OtlpForm.of(caller, sdk, spans))
                .build();
        // Not within the worker's call, whose end would cancel this one.
        Context.ROOT.run(() -> send(request, spans.size()));
    }

    private void send(ExportTraceServiceRequest request, int spans) {
        ListenableFuture<ExportTraceServiceResponse> answer =
                collector.withDeadlineAfter(LIMIT_S, TimeUnit.SECONDS).export(request);
        answer.addListener(
                () -> {
                    underWay.decrementAndGet();
                    try {
                        long rejected = answer.get().getPartialSuccess().getRejectedSpans();
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
        long now = System.nanoTime();
        long due = sayAgain.get();
        if (now - due >= 0 && sayAgain.compareAndSet(due, now + SAY_EVERY_NANOS)) {
            LOG.warn("spans dropped spans={} endpoint={} cause={}", dropped.getAndSet(0), endpoint, cause);
        }
    }

    /** Gives reports that are under way two seconds. */
    @Override
    public void close() {
        channel.shutdown();
        try {
            channel.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channel.shutdownNow();
    }
}
