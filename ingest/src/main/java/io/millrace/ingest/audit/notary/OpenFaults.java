package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.SignedNote;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Faults of a log that were published and have no end there, by the hashes of their texts. One thread. */
final class OpenFaults {

    private final Set<Hash> open = new LinkedHashSet<>();
    /** Those that the takeover has found. */
    private Set<Hash> found = Set.of();
    /** Faults that were met with their end. */
    private final Set<Hash> over = new HashSet<>();

    /** The takeover has found these. */
    void found(Set<Hash> faults) {
        found = faults;
        open.addAll(faults);
    }

    /** Takes in a note that tells of a fault, or of the end of some. */
    void take(SignedNote note) {
        switch (FaultNote.parse(note.text())) {
            case FaultNote.Fault wrong -> {
                Hash name = FaultNote.name(note.text());
                if (!over.contains(name)) {
                    open.add(name);
                }
            }
            case FaultNote.Over ended -> {
                over.addAll(ended.faults());
                // One that the takeover has found gets its end anew, at the end of the topic, where the next one finds
                // it.
                ended.faults().stream().filter(name -> !found.contains(name)).forEach(open::remove);
            }
        }
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    /** @return all of them, in the order in which they came */
    List<Hash> all() {
        return List.copyOf(open);
    }

    /** Their end was published. */
    void end() {
        open.clear();
    }
}
