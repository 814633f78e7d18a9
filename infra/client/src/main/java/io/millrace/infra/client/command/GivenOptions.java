package io.millrace.infra.client.command;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Options on their way into a request: those that were not given are left out of it. */
public final class GivenOptions {

    private GivenOptions() {}

    /**
     * Adds what an option says.
     *
     * @param request the body, or the query parameters
     * @param name of the field or parameter
     * @param value null if the option was not given
     */
    public static <T> void put(Map<String, T> request, String name, @Nullable T value) {
        if (value != null) {
            request.put(name, value);
        }
    }
}
