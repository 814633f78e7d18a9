package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.proto.v1.RefusalReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpExceptionTest {

    @ParameterizedTest
    @CsvSource({
        "400, INVALID_ARGUMENT",
        "404, NOT_FOUND",
        "405, UNIMPLEMENTED",
        "408, ABORTED",
        "413, RESOURCE_EXHAUSTED",
        "415, UNIMPLEMENTED",
        "429, RESOURCE_EXHAUSTED",
        "431, RESOURCE_EXHAUSTED"
    })
    void isNotedWithTheReasonOfItsStatus(int status, RefusalReason reason) {
        HttpException refused = new HttpException(status, "CODE", "expected another");

        assertEquals(reason, refused.refusal().reason());
        assertEquals("expected another", refused.refusal().getMessage());
    }

    /** Those of the API's description, and what comes before a path is known. */
    @Test
    void eachStatusStandsOnThePageOfErrors() throws IOException {
        Set<String> statuses = new TreeSet<>(Set.of("408", "431"));
        new ObjectMapper()
                .readTree(HttpException.class.getResource("openapi.json"))
                .path("paths")
                .forEach(path -> path.forEach(
                        method -> method.path("responses").fieldNames().forEachRemaining(statuses::add)));
        statuses.removeIf(status -> status.compareTo("400") < 0);
        String page = Files.readString(Path.of("../docs/errors.md"));

        statuses.removeIf(status -> Pattern.compile("(?m)^\\|[^|]*\\|[^|]*\\b" + status + "\\b")
                .matcher(page)
                .find());

        assertEquals(Set.of(), statuses);
    }
}
