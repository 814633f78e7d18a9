package io.millrace.ingest.audit.trail;

import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.v1.EventRecord;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What the events of an outcome tell of the holders of work: to whom it was handed, and who held what others reported. One command may
 * hand work to several; then the principals and their credentials stand in the same order, separated by commas.
 */
final class Holders {

    private static final String HANDED_TO = "handedTo";
    private static final String HELD_BY = "heldBy";
    private static final String CREDENTIAL = "Credential";

    /** Whom the events of one kind name: id of the principal by what it had shown, in the order of the events. */
    private final Map<String, Map<String, String>> named = new TreeMap<>();

    private final Function<EventRecord, JsonFields> data;

    /** @param data reads the data of an event */
    Holders(Function<EventRecord, JsonFields> data) {
        this.data = data;
    }

    void note(EventRecord event) {
        switch (event.getType()) {
            case "WORK_CLAIMED", "TASK_CLAIMED" -> note(HANDED_TO, event);
            case "SUBMISSION_IGNORED", "TASK_REPORT_IGNORED" -> note(HELD_BY, event);
            default -> {} // tells of no holder
        }
    }

    private void note(String name, EventRecord event) {
        try {
            JsonFields fields = data.apply(event);
            fields.text(HELD_BY)
                    .ifPresent(id -> named.computeIfAbsent(name, first -> new LinkedHashMap<>())
                            .put(fields.text(HELD_BY + CREDENTIAL).orElse(""), id));
        } catch (RefusedException forged) {
            // Somebody else than a dispatcher wrote it; the check of the hashes tells.
        }
    }

    /** @return the details, and besides them the holders that were noted */
    Map<String, String> with(Map<String, String> details) {
        if (named.isEmpty()) {
            return details;
        }
        Map<String, String> all = new TreeMap<>(details);
        named.forEach((name, holders) -> {
            all.put(name, String.join(",", holders.values()));
            all.put(name + CREDENTIAL, String.join(",", holders.keySet()));
        });
        return all;
    }
}
