package io.millrace.ingest.search;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What somebody may have meant by the name of a field that there is not. */
final class Likely {

    /** Names of the same in answers of the API, and in other products. */
    private static final Map<String, String> OTHERS = Map.ofEntries(
            Map.entry("createdat", "created"),
            Map.entry("starttime", "created"),
            Map.entry("startedat", "started"),
            Map.entry("closedat", "ended"),
            Map.entry("completedat", "ended"),
            Map.entry("closetime", "ended"),
            Map.entry("endtime", "ended"),
            Map.entry("type", "kind"),
            Map.entry("workflowtype", "kind"),
            Map.entry("state", "status"),
            Map.entry("executionstatus", "status"),
            Map.entry("workerid", "worker"),
            Map.entry("idempotencykey", "key"),
            Map.entry("workflowid", "id"),
            Map.entry("taskid", "id"),
            Map.entry("parentexecutionid", "parent"),
            Map.entry("workflowexecutionid", "workflow"),
            Map.entry("executioncount", "attempt"),
            Map.entry("attempts", "attempt"),
            Map.entry("historylength", "history"),
            Map.entry("events", "history"),
            Map.entry("terminatedby", "terminator"),
            Map.entry("resetfrom", "predecessor"),
            Map.entry("resetto", "successor"),
            Map.entry("metadata", "metadata.NAME"));

    private Likely() {}

    static Optional<String> field(Subject subject, String name) {
        String lower = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z.]", "");
        String other = OTHERS.get(lower);
        if (other != null && (other.contains(".") || subject.field(other).isPresent())) {
            return Optional.of(other);
        }
        return subject.fields().stream()
                .map(Field::name)
                .filter(field -> distance(lower, field) <= 2)
                .min(Comparator.comparingInt(field -> distance(lower, field)));
    }

    /** @return letters to change, add or leave out */
    private static int distance(String a, String b) {
        if (Math.abs(a.length() - b.length()) > 2) {
            return 3;
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
