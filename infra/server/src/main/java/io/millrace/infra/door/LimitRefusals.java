package io.millrace.infra.door;

import io.grpc.Metadata;
import io.grpc.Status;

/** What a client hears when it meets a limit: RESOURCE_EXHAUSTED, and when to try again. */
final class LimitRefusals {

    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
    private static final String PAUSE_MS = "1000";

    private LimitRefusals() {}

    static Status tooMuch(String text) {
        return Status.RESOURCE_EXHAUSTED.withDescription(text);
    }

    /** @return trailers that say when the client should try again */
    static Metadata later() {
        Metadata trailers = new Metadata();
        trailers.put(PUSHBACK, PAUSE_MS);
        return trailers;
    }
}
