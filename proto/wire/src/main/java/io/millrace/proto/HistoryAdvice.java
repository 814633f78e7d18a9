package io.millrace.proto;

import io.grpc.Metadata;

/** What a server says of a history besides its events: in the trailers of GetEvents, since the messages are those of public SDKs. */
public final class HistoryAdvice {

    /** Under this stands the advice. */
    public static final Metadata.Key<String> KEY = Metadata.Key.of("millrace-advice", Metadata.ASCII_STRING_MARSHALLER);

    /** The history has grown long: it is time for its workflow to continue as new. */
    public static final String CONTINUE_AS_NEW = "continue-as-new";

    private HistoryAdvice() {}
}
