package io.millrace.ingest.auth;

import io.grpc.Context;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The W3C trace context that a caller may send along; it goes into the log with the command. */
public final class Traceparent {

    /** Name of the header, in gRPC and in HTTP. */
    public static final String HEADER = "traceparent";

    /** Set on gRPC calls that carry one. */
    public static final Context.Key<String> KEY = Context.key("millrace-traceparent");

    private static final Pattern FORM = Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

    private Traceparent() {}

    /** @return the header's value, or the empty text if it is absent or malformed, in which case the standard says to ignore it */
    public static String read(@Nullable String header) {
        return header != null && FORM.matcher(header).matches() ? header : "";
    }
}
