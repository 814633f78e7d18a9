package io.millrace.ingest.grpc;

import com.google.protobuf.Any;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;

/**
 * What a client of gRPC hears when it meets a limit: RESOURCE_EXHAUSTED, and when to try again, both as the trailer by
 * which gRPC's own retries go and as the details ({@code google.rpc.RetryInfo}) that other clients read.
 */
public final class LimitRefusals {

    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<byte[]> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    /** When nothing better is known. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private LimitRefusals() {}

    /** Ends the call: it may be made again a second later. */
    public static void refuse(ServerCall<?, ?> call, String text) {
        refuse(call, text, Optional.of(PAUSE));
    }

    /** Ends the call: it may be made again after the pause, or never where there is none. */
    public static void refuse(ServerCall<?, ?> call, String text, Optional<Duration> pause) {
        Status status = Status.RESOURCE_EXHAUSTED.withDescription(text);
        call.close(status, pause.map(after -> later(status, after)).orElseGet(Metadata::new));
    }

    /** @return trailers of the status that say when the client should try again */
    static Metadata later(Status status, Duration pause) {
        Metadata trailers = new Metadata();
        trailers.put(PUSHBACK, Long.toString(Math.max(1, pause.toMillis())));
        RetryInfo retry = RetryInfo.newBuilder()
                .setRetryDelay(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(pause.getSeconds())
                        .setNanos(pause.getNano()))
                .build();
        trailers.put(
                DETAILS,
                com.google.rpc.Status.newBuilder()
                        .setCode(status.getCode().value())
                        .setMessage(String.valueOf(status.getDescription()))
                        .addDetails(Any.pack(retry))
                        .build()
                        .toByteArray());
        return trailers;
    }
}
