package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Missed;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Overlap;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.engine.store.Versions;
import io.millrace.proto.ScheduleTiming;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The schedules of a partition, by organisation and name. What hardly ever changes of one is stored apart from the rest. Changes wait for
 * the next flush. {@link #get} and {@link #wanting} on any thread, all else on the partition's.
 */
final class ScheduleStore {

    private static final int DEFINITION = 0;
    private static final int PROGRESS = 1;
    private static final int WANTS_PLAN = 2;
    private static final byte[] PRESENT = {1};
    private static final int FORM = 1;

    private final Storage storage;
    private final DueIndex dues;
    /** Empty: there is none any more. */
    private final Map<Key, Optional<Schedule>> dirty = new ConcurrentHashMap<>();

    private final Set<Key> made = new HashSet<>();
    /** Those that want to know more of their due times, each with the number of its last change. */
    private final Map<Key, Long> wanting = new ConcurrentHashMap<>();

    private long changes;
    private final Set<Key> storedWanting = new HashSet<>();

    /** @param dues told when a schedule is due */
    ScheduleStore(Storage storage, DueIndex dues) {
        this.storage = storage;
        this.dues = dues;
        storage.scan(Table.SCHEDULES, new byte[] {WANTS_PLAN}, (key, value) -> {
            storedWanting.add(DamagedRecordException.guard(Table.SCHEDULES, key, () -> Key.read(key)));
            return true;
        });
        storedWanting.forEach(key -> wanting.put(key, 0L));
    }

    /** Which schedule it is. */
    record Key(UUID orgId, String name) {

        byte[] stored(int part) {
            return Bytes.writer().u8(part).rawId(orgId).text(name).finish();
        }

        static Key read(byte[] stored) {
            Bytes in = Bytes.reader(stored);
            in.u8();
            return new Key(in.rawId(), in.text());
        }
    }

    /** @return the schedule, or null */
    @Nullable
    Schedule get(UUID orgId, String name) {
        Key key = new Key(orgId, name);
        Optional<Schedule> changed = dirty.get(key);
        return changed != null ? changed.orElse(null) : read(key);
    }

    private @Nullable Schedule read(Key key) {
        byte[] progressKey = key.stored(PROGRESS);
        byte[] progress = storage.get(Table.SCHEDULES, progressKey);
        if (progress == null) {
            return null;
        }
        byte[] definitionKey = key.stored(DEFINITION);
        byte[] definition = storage.get(Table.SCHEDULES, definitionKey);
        if (definition == null) {
            return null; // deleted between the two
        }
        ScheduleDefinition made =
                DamagedRecordException.guard(Table.SCHEDULES, definitionKey, () -> definition(key.name(), definition));
        return DamagedRecordException.guard(
                Table.SCHEDULES, progressKey, () -> Schedule.decode(key.orgId(), made, progress));
    }

    /** @return schedules that want to know more of their due times, each with a number that is another one when it has changed */
    Map<Key, Long> wanting() {
        return wanting;
    }

    /** Shows all that are stored: after a flush those are all. */
    void all(Consumer<Schedule> visitor) {
        storage.scan(Table.SCHEDULES, new byte[] {PROGRESS}, (stored, value) -> {
            Key key = DamagedRecordException.guard(Table.SCHEDULES, stored, () -> Key.read(stored));
            Schedule schedule = read(key);
            if (schedule != null) {
                visitor.accept(schedule);
            }
            return true;
        });
    }

    /**
     * Takes over how a schedule is now.
     *
     * @param before how it was, null for a new one
     */
    void put(@Nullable Schedule before, Schedule after) {
        Key key = new Key(after.orgId(), after.name());
        if (before == null || !before.definition().equals(after.definition())) {
            made.add(key);
        }
        Optional<Due> earlier = before == null ? Optional.empty() : before.due();
        Optional<Due> due = after.due();
        if (!earlier.equals(due)) {
            earlier.ifPresent(dues::remove);
            due.ifPresent(dues::add);
        }
        dirty.put(key, Optional.of(after));
        if (after.wantsPlan()) {
            wanting.put(key, ++changes);
        } else {
            wanting.remove(key);
        }
    }

    /** The schedule is no more. */
    void remove(Schedule schedule) {
        Key key = new Key(schedule.orgId(), schedule.name());
        schedule.due().ifPresent(dues::remove);
        made.remove(key);
        dirty.put(key, Optional.empty());
        wanting.remove(key);
    }

    void flush() {
        dirty.forEach((key, schedule) -> {
            if (schedule.isEmpty()) {
                storage.put(Table.SCHEDULES, key.stored(DEFINITION), null);
            } else if (made.contains(key)) {
                storage.put(
                        Table.SCHEDULES,
                        key.stored(DEFINITION),
                        encode(schedule.get().definition()));
            }
            storage.put(
                    Table.SCHEDULES,
                    key.stored(PROGRESS),
                    schedule.map(Schedule::encode).orElse(null));
            boolean wants = wanting.containsKey(key);
            if (wants ? storedWanting.add(key) : storedWanting.remove(key)) {
                storage.put(Table.SCHEDULES, key.stored(WANTS_PLAN), wants ? PRESENT : null);
            }
        });
        made.clear();
        dirty.clear();
    }

    private static byte[] encode(ScheduleDefinition definition) {
        ScheduleTiming timing = definition.timing();
        ScheduleDefinition.Start start = definition.start();
        return Bytes.writer()
                .u8(FORM)
                .rawId(definition.id())
                .u8(timing.form().ordinal())
                .text(timing.cron())
                .i64(timing.everyMs())
                .i64(timing.atMs())
                .text(timing.timeZone())
                .i64(timing.anchorMs())
                .i64(timing.startMs())
                .i64(timing.endMs())
                .i64(timing.jitterMs())
                .text(start.kind())
                .payload(start.input())
                .texts(start.metadata())
                .text(start.queue())
                .i32(start.prioritySeconds())
                .text(start.workflowVersion())
                .text(start.workflowDefinitionId())
                .i64(start.retentionMs())
                .u8(definition.overlap().ordinal())
                .u8(definition.missed().ordinal())
                .i64(definition.missedAfterMs())
                .i64(definition.cancelAfterMs())
                .finish();
    }

    private static ScheduleDefinition definition(String name, byte[] bytes) {
        Bytes in = Bytes.reader(bytes);
        Versions.expect(in.u8(), FORM, "definition of a schedule");
        return new ScheduleDefinition(
                name,
                in.rawId(),
                new ScheduleTiming(
                        ScheduleTiming.Form.values()[in.u8()],
                        in.text(),
                        in.i64(),
                        in.i64(),
                        in.text(),
                        in.i64(),
                        in.i64(),
                        in.i64(),
                        in.i64()),
                new ScheduleDefinition.Start(
                        in.text(), in.payload(), in.texts(), in.text(), in.i32(), in.text(), in.text(), in.i64()),
                Overlap.values()[in.u8()],
                Missed.values()[in.u8()],
                in.i64(),
                in.i64());
    }
}
