package io.millrace.infra.door;

import io.millrace.infra.door.OpenConnections.Opened;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** The connections through which no known key has come yet, oldest first. Safe from any thread. */
final class Strangers {

    private final Set<Opened> waiting = new LinkedHashSet<>();

    /** @return the one that has to go for it, if there are more than so many */
    synchronized Optional<Opened> add(Opened opened, int most) {
        if (waiting.size() >= most) {
            waiting.removeIf(each -> !each.connection().isStranger());
        }
        waiting.add(opened);
        if (waiting.size() <= most) {
            return Optional.empty();
        }
        Iterator<Opened> oldest = waiting.iterator();
        Opened gone = oldest.next();
        oldest.remove();
        return Optional.of(gone);
    }

    synchronized void remove(Opened opened) {
        waiting.remove(opened);
    }
}
