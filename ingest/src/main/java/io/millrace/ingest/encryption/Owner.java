package io.millrace.ingest.encryption;

import io.millrace.proto.Ids;
import io.millrace.proto.v1.KeyOwner;
import java.util.UUID;

/** Whose payloads a data key encrypts. */
public sealed interface Owner {

    /** An execution, and what it started: a workflow with its tasks and children, or a standalone task. */
    record Execution(UUID id) implements Owner {

        @Override
        public String toString() {
            return "execution " + id;
        }
    }

    /** A data subject, whatever executions name it. */
    record Subject(String name) implements Owner {

        @Override
        public String toString() {
            return "data subject '" + name + "'";
        }
    }

    /** @return as it stands on the topic */
    default KeyOwner toRecord() {
        return switch (this) {
            case Execution e ->
                KeyOwner.newBuilder().setExecutionId(Ids.toByteString(e.id())).build();
            case Subject s -> KeyOwner.newBuilder().setSubject(s.name()).build();
        };
    }

    /** @throws IllegalArgumentException if the record names none */
    static Owner of(KeyOwner record) {
        return switch (record.getOwnerCase()) {
            case EXECUTION_ID -> new Execution(Ids.fromBytes(record.getExecutionId()));
            case SUBJECT -> new Subject(record.getSubject());
            case OWNER_NOT_SET ->
                throw new IllegalArgumentException("expected an owner of a data key, but there is none");
        };
    }
}
