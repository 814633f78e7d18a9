package io.millrace.ingest.search;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What is asked for, and by which fields. {@code docs/reference/queries.md} shows the same; a test compares them. */
public enum Subject {
    /** Workflow executions. */
    WORKFLOWS(
            "workflows",
            new Field("status", FieldType.STATUS, false, true, "where it stands"),
            new Field("kind", FieldType.NAME, false, false, "kind of the workflow"),
            new Field("queue", FieldType.NAME, false, false, "queue that it runs on"),
            new Field("worker", FieldType.NAME, true, false, "worker that had it last"),
            new Field("version", FieldType.NAME, true, false, "version of the workflow"),
            new Field("created", FieldType.TIME, false, true, "when it was started"),
            new Field("started", FieldType.TIME, true, true, "when a worker first had it"),
            new Field("ended", FieldType.TIME, true, true, "when it ended"),
            new Field("duration", FieldType.DURATION, true, true, "from its start to its end"),
            new Field("error", FieldType.TEXT, true, false, "text of its failure or cancellation"),
            new Field("key", FieldType.NAME, true, false, "idempotency key"),
            new Field("parent", FieldType.ID, true, false, "execution whose child it is"),
            new Field("id", FieldType.ID, false, false, "its id"),
            new Field("attempt", FieldType.NUMBER, false, true, "how often in a row its work was handed out"),
            new Field("history", FieldType.NUMBER, false, true, "events of its history, which workers replay"),
            new Field("terminator", FieldType.NAME, true, false, "who terminated it"),
            new Field("predecessor", FieldType.ID, true, false, "run that it goes on from"),
            new Field("successor", FieldType.ID, true, false, "run that goes on from it"),
            new Field("annotation", FieldType.TEXT, true, false, "what people noted about it, a line each"),
            new Field("dismissed", FieldType.TIME, true, false, "when somebody said that it needs nobody any more")),
    /** Task executions. */
    TASKS(
            "tasks",
            new Field("status", FieldType.STATUS, false, true, "where it stands"),
            new Field("kind", FieldType.NAME, false, false, "kind of the task"),
            new Field("queue", FieldType.NAME, false, false, "queue that it runs on"),
            new Field("worker", FieldType.NAME, true, false, "worker that had it last"),
            new Field("created", FieldType.TIME, false, true, "when it was scheduled or submitted"),
            new Field("started", FieldType.TIME, true, true, "when its last attempt began"),
            new Field("ended", FieldType.TIME, true, true, "when it ended"),
            new Field("duration", FieldType.DURATION, true, true, "from the begin of its last attempt to its end"),
            new Field("error", FieldType.TEXT, true, false, "text of its last failure or cancellation"),
            new Field("key", FieldType.NAME, true, false, "idempotency key"),
            new Field("workflow", FieldType.ID, true, false, "execution that it belongs to"),
            new Field("id", FieldType.ID, false, false, "its id"),
            new Field("attempt", FieldType.NUMBER, false, true, "attempts begun"),
            new Field("left", FieldType.NUMBER, false, true, "attempts that it has left"),
            new Field("dismissed", FieldType.TIME, true, false, "when somebody said that it needs nobody any more"),
            new Field("workflow.status", FieldType.STATUS, true, false, "where the workflow stands that it belongs to"),
            new Field("workflow.successor", FieldType.ID, true, false, "run that goes on from that workflow"));

    /** Begins the names of fields that are entries of metadata. */
    static final String METADATA = "metadata.";

    private final String title;
    private final List<Field> fields;

    Subject(String title, Field... fields) {
        this.title = title;
        this.fields = List.of(fields);
    }

    /** @return all fields but those of metadata */
    public List<Field> fields() {
        return fields;
    }

    /** @return what it is called in texts */
    String title() {
        return title;
    }

    /** @return the field of the name, in any case of letters; {@code metadata.NAME} is one as well, and takes the name as it is */
    Optional<Field> field(String name) {
        if (name.length() > METADATA.length() && name.regionMatches(true, 0, METADATA, 0, METADATA.length())) {
            return Optional.of(Field.metadata(name.substring(METADATA.length())));
        }
        String lower = name.toLowerCase(Locale.ROOT);
        return fields.stream().filter(field -> field.name().equals(lower)).findFirst();
    }
}
