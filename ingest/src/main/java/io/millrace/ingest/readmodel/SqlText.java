package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.ingest.validation.JsonFields;
import java.nio.charset.StandardCharsets;

/** Text as PostgreSQL takes it: it knows every character but the one with the number 0. */
final class SqlText {

    private static final ByteString NO_METADATA = ByteString.copyFromUtf8("{}");

    private SqlText() {}

    static String clean(String text) {
        return text.replace('\0', '\ufffd');
    }

    /** @return the JSON object of the field metadata, {@code {}} where there is none */
    static String metadata(JsonFields data) {
        return data.raw("metadata").orElse(NO_METADATA).toString(StandardCharsets.UTF_8).replace("\\u0000", "\\ufffd");
    }
}
