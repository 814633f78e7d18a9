package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who wrote the changelog of a partition, one after the other, and behind which of its records each began. It is kept in the state
 * itself, so in each store as it was when that store was written.
 *
 * <p>A store that goes up to some offset is completed by what comes behind that offset in the changelog. If the changelog lost its
 * end meanwhile, and another owner has filled it again beyond that place, this mixes two states that never stood together. Then
 * whoever wrote next began behind an earlier record than the store's last one. Kafka's own replicas find out in the same way, by the
 * epochs of leaders, where their logs part.
 *
 * @param stretches the newest ones, in order
 */
record Lineage(List<Stretch> stretches) {

    /** Of a store that was begun before there were any, or is new. */
    static final Lineage NONE = new Lineage(List.of());

    /** A store that more have owned since than so many is read from the beginning. */
    static final int KEPT = 32;

    /** Before the first record. */
    static final long BEGINNING = -1;

    private static final int FORM = 1;

    /**
     * What one owner wrote.
     *
     * @param owner given once
     * @param behind offset in the changelog of the last record before
     */
    record Stretch(long owner, long behind) {}

    Lineage {
        stretches = List.copyOf(stretches);
    }

    static Lineage of(byte @Nullable [] stored) {
        if (stored == null) {
            return NONE;
        }
        Bytes in = Bytes.reader(stored);
        Versions.expect(in.u8(), FORM, "lineage of the changelog");
        int count = in.i32();
        List<Stretch> stretches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stretches.add(new Stretch(in.i64(), in.i64()));
        }
        return new Lineage(stretches);
    }

    byte[] stored() {
        Bytes out = Bytes.writer().u8(FORM).i32(stretches.size());
        stretches.forEach(each -> out.i64(each.owner()).i64(each.behind()));
        return out.finish();
    }

    /** @return the same with a new owner, who begins behind the record */
    Lineage followedBy(long owner, long behind) {
        List<Stretch> all = new ArrayList<>(stretches);
        all.add(new Stretch(owner, behind));
        return new Lineage(all.subList(Math.max(0, all.size() - KEPT), all.size()));
    }

    /**
     * Compares a store with the changelog that completed it.
     *
     * @param last offset of the last record that the store had of the changelog, empty if it is not known
     * @param now what the changelog says at its end
     * @return why the two do not fit together, empty if they do
     */
    Optional<String> parted(Optional<Long> last, Lineage now) {
        if (equals(now)) {
            return Optional.empty();
        }
        if (stretches.isEmpty() || last.isEmpty()) {
            return Optional.of("expected to know which owner wrote the store, but it is of a time when none was noted");
        }
        int place = now.owners().indexOf(stretches.getLast().owner());
        if (place < 0) {
            return Optional.of("expected its last owner among the last " + now.stretches.size()
                    + " that wrote the changelog, but it is not");
        }
        boolean followed = place + 1 < now.stretches.size();
        if (followed && now.stretches.get(place + 1).behind() < last.get()) {
            return Optional.of("expected the next owner to have begun behind offset " + last.get()
                    + " of the changelog, up to which the store goes, but it began behind "
                    + now.stretches.get(place + 1).behind() + ": the changelog lost its end, and was filled again");
        }
        return Optional.empty();
    }

    private List<Long> owners() {
        return stretches.stream().map(Stretch::owner).toList();
    }
}
