package io.millrace.ingest.search;

import io.millrace.proto.v1.ExecutionStatus;
import java.time.Instant;
import java.util.UUID;

/** What a field is compared with. */
public sealed interface Value {

    /** @return as queries write it */
    String written();

    /** A text. */
    record Text(String text) implements Value {
        @Override
        public String written() {
            return Lexer.quoted(text);
        }
    }

    /** A status. */
    record Status(ExecutionStatus status) implements Value {
        @Override
        public String written() {
            return status.name();
        }
    }

    /** An id. */
    record Id(UUID id) implements Value {
        @Override
        public String written() {
            return id.toString();
        }
    }

    /** A whole number. */
    record Whole(long number) implements Value {
        @Override
        public String written() {
            return String.valueOf(number);
        }
    }

    /** A length of time, in milliseconds. */
    record Span(long millis) implements Value {
        @Override
        public String written() {
            return millis + "ms";
        }
    }

    /** A moment, milliseconds since the epoch. */
    record Moment(long millis) implements Value {
        @Override
        public String written() {
            return Instant.ofEpochMilli(millis).toString();
        }
    }

    /** So many milliseconds before the moment at which the query is answered. */
    record Ago(long millis) implements Value {
        @Override
        public String written() {
            return "-" + millis + "ms";
        }
    }
}
