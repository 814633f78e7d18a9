package io.millrace.ingest.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The query of a request. Stateless. */
final class QueryParameters {

    private QueryParameters() {}

    /**
     * @param raw as it came; null: there is none
     * @return values by name, in their order
     * @throws HttpException 400 if a name stands twice, or an escape is none
     */
    static Map<String, String> of(@Nullable String raw) {
        Map<String, String> query = new LinkedHashMap<>();
        if (raw != null && !raw.isEmpty()) {
            for (String pair : raw.split("&")) {
                int split = pair.indexOf('=');
                String name = PercentText.ofQuery(split < 0 ? pair : pair.substring(0, split));
                if (query.put(name, split < 0 ? "" : PercentText.ofQuery(pair.substring(split + 1))) != null) {
                    throw new HttpException(
                            400, "INVALID_ARGUMENT", "expected each query parameter once, but one stands twice");
                }
            }
        }
        return query;
    }
}
