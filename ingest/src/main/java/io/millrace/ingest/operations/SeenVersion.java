package io.millrace.ingest.operations;

import java.util.Map;
import java.util.OptionalLong;

/** The version of a task as a caller saw it, as a request for an approval keeps it. */
public final class SeenVersion {

    private static final String VERSION = "version";

    private SeenVersion() {}

    static Map<String, String> parameters(OptionalLong version) {
        return version.isPresent() ? Map.of(VERSION, Long.toString(version.getAsLong())) : Map.of();
    }

    /** @return what {@link #parameters} gave to a request that a seal holds */
    public static OptionalLong of(Map<String, String> parameters) {
        String version = parameters.get(VERSION);
        return version == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(version));
    }
}
