package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.proto.v1.RefusalReason;
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
}
