package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The stored form of an execution: what changes of it, without its tasks, its history and its values. */
final class ExecutionForm {

    private static final int WITHOUT_PAGES = 1;
    private static final int WITHOUT_REFUSALS = 2;
    private static final int WITHOUT_LENGTHS_OF_LEASES = 3;
    private static final int WITHOUT_RARE_PARTS = 4;
    private static final int WITHOUT_PARTS_APART = 5;
    private static final int FORM = 6;
    private static final int HASH_BYTES = 32;

    private ExecutionForm() {}

    /**
     * Parts that few executions have; the rest stores nothing of them. Which ones there are is stored as the bits of one byte, in this
     * order, and then each of them in the same order. The byte is full: one more needs a new form.
     */
    private enum RarePart {
        TO_BE_CANCELLED(
                e -> e.cancelAtMs != 0, (e, out) -> out.i64(e.cancelAtMs).text(e.cancelReason), (e, in) -> {
                    e.cancelAtMs = in.i64();
                    e.cancelReason = in.text();
                }),
        HAS_SUCCESSOR(
                e -> e.successorId != null, (e, out) -> out.id(e.successorId), (e, in) -> e.successorId = in.id()),
        PAUSED(
                e -> e.pausedMs != 0,
                (e, out) -> out.i64(e.pausedMs).text(e.pausedBy).text(e.pauseReason),
                (e, in) -> {
                    e.pausedMs = in.i64();
                    e.pausedBy = in.text();
                    e.pauseReason = in.text();
                }),
        TERMINATED(
                e -> !e.terminatedBy.isEmpty(),
                (e, out) -> out.text(e.terminatedBy),
                (e, in) -> e.terminatedBy = in.text()),
        ANNOTATED(e -> e.annotations != 0, (e, out) -> out.i32(e.annotations), (e, in) -> e.annotations = in.i32()),
        IN_A_GROUP(
                e -> !e.group().isEmpty(),
                (e, out) -> out.text(e.group()),
                (e, in) -> e.readyItem = ready(e, in.text(), e.readySinceMs())),
        HELD(
                e -> e.holder != null,
                (e, out) -> HolderForm.write(out, Objects.requireNonNull(e.holder, "holder")),
                (e, in) -> e.holder = HolderForm.read(in)),
        CLAIM_TRACED(e -> e.claimedMs != 0, (e, out) -> out.i64(e.claimedMs), (e, in) -> e.claimedMs = in.i64());

        private static final RarePart[] ALL = values();

        private final Predicate<Execution> has;
        private final BiConsumer<Execution, Bytes> write;
        private final BiConsumer<Execution, Bytes> read;

        RarePart(Predicate<Execution> has, BiConsumer<Execution, Bytes> write, BiConsumer<Execution, Bytes> read) {
            this.has = has;
            this.write = write;
            this.read = read;
        }

        private boolean in(int parts) {
            return (parts & bit()) != 0;
        }

        private int bit() {
            return 1 << ordinal();
        }

        private static int of(Execution e) {
            int parts = 0;
            for (RarePart part : ALL) {
                parts |= part.has.test(e) ? part.bit() : 0;
            }
            return parts;
        }

        private static void write(Execution e, int parts, Bytes out) {
            out.u8(parts);
            for (RarePart part : ALL) {
                if (part.in(parts)) {
                    part.write.accept(e, out);
                }
            }
        }

        private static void read(Execution e, Bytes in) {
            int parts = in.u8();
            for (RarePart part : ALL) {
                if (part.in(parts)) {
                    part.read.accept(e, in);
                }
            }
        }
    }

    private static ReadyItem ready(Execution e, String group, long sinceMs) {
        Header header = e.header();
        return new ReadyItem(header.orderMs(), header.id(), null, header.kind(), sinceMs, group);
    }

    static byte[] encode(Execution e) {
        int rare = RarePart.of(e);
        boolean apart = e.partsApart();
        int form = form(e, rare, apart);
        Bytes out = Bytes.writer().u8(form).bool(e.header().small());
        if (e.header().small()) {
            e.header().write(out);
        }
        out.u8(e.status.ordinal())
                .i32(e.lastSequence)
                .i64(e.historyBytes)
                .i64(e.chainSequence)
                .raw(e.chainHash)
                .id(e.claimId)
                .text(e.workerId)
                .i64(e.leaseUntilMs)
                .i32(e.deliveries)
                .i32(e.maxDeliveries)
                .i32(e.shownSequence)
                .i32(e.lastExternalSequence)
                .i64(e.taskTimeMs)
                .i32(e.staleRounds)
                .i64(e.retryAtMs)
                .i32(e.signals)
                .i64(e.closedMs)
                .payload(e.output)
                .text(e.error);
        out.bool(e.readyItem != null);
        if (e.readyItem != null) {
            out.i64(e.readyItem.sinceMs());
        }
        e.timers.writeRest(out);
        e.promises.writeRest(out);
        e.children.writeRest(out);
        out.i32(e.openTasks.size());
        e.openTasks.forEach(out::rawId);
        out.i32(e.historyPage).i32(e.refusedRounds).i32(e.refusedDelivery).text(e.refusal);
        if (form > WITHOUT_LENGTHS_OF_LEASES) {
            out.i64(e.leaseMs).i64(e.graceMs);
        }
        if (form > WITHOUT_RARE_PARTS) {
            RarePart.write(e, rare, out);
        }
        return out.finish();
    }

    /** The oldest that holds what there is: most executions need no more. */
    private static int form(Execution e, int rare, boolean apart) {
        if (apart) {
            return FORM;
        }
        if (rare != 0) {
            return WITHOUT_PARTS_APART;
        }
        return e.leaseMs > 0 || e.graceMs != 0 ? WITHOUT_RARE_PARTS : WITHOUT_LENGTHS_OF_LEASES;
    }

    /**
     * Reads it without what stands apart: see {@link Execution#storedApart}.
     *
     * @param core what {@link #encode} made
     * @param header looks up the header where it is not part of that
     */
    static Execution decode(byte[] core, Supplier<byte[]> header) {
        Bytes in = Bytes.reader(core);
        int form = in.u8();
        if (form < WITHOUT_PAGES || form > WITHOUT_PARTS_APART) {
            Versions.expect(form, FORM, "execution");
        }
        boolean complete = form > WITHOUT_PAGES && in.bool();
        Execution e = new Execution(Header.read(complete ? in : Bytes.reader(header.get())));
        e.storedApart = form == FORM;
        e.status = Status.values()[in.u8()];
        e.lastSequence = in.i32();
        e.historyBytes = in.i64();
        e.chainSequence = in.i64();
        e.chainHash = new byte[HASH_BYTES];
        for (int i = 0; i < HASH_BYTES; i++) {
            e.chainHash[i] = (byte) in.u8();
        }
        e.claimId = in.id();
        e.workerId = in.text();
        e.leaseUntilMs = in.i64();
        e.deliveries = in.i32();
        e.maxDeliveries = in.i32();
        e.shownSequence = in.i32();
        e.lastExternalSequence = in.i32();
        e.taskTimeMs = in.i64();
        e.staleRounds = in.i32();
        e.retryAtMs = in.i64();
        e.signals = in.i32();
        e.closedMs = in.i64();
        e.output = in.payloadOrNull();
        e.error = in.textOrNull();
        if (in.bool()) {
            e.readyItem = ready(e, "", in.i64());
        }
        e.timers.readRest(in);
        e.promises.readRest(in);
        e.children.readRest(in);
        for (int n = in.i32(); n > 0; n--) {
            e.openTasks.add(in.rawId());
        }
        e.historyPage = form > WITHOUT_PAGES ? in.i32() : e.lastSequence + 1;
        if (form > WITHOUT_REFUSALS) {
            e.refusedRounds = in.i32();
            e.refusedDelivery = in.i32();
            e.refusal = in.textOrNull();
        }
        if (form > WITHOUT_LENGTHS_OF_LEASES) {
            e.leaseMs = in.i64();
            e.graceMs = in.i64();
        }
        if (form > WITHOUT_RARE_PARTS) {
            RarePart.read(e, in);
        }
        return e;
    }
}
