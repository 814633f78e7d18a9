package io.millrace.dispatcher.partition;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A log of commands with all that came of it. A file holds several, compressed. Most of a log is hashes, and hashes do
 * not compress. So outcomes stand there without them, each with one digest of its whole record. Pages of histories only
 * repeat the outcomes' events, so of them only a digest stands there.
 *
 * @param name what it tells
 * @param partitions how many partitions the topics had; the log is partition 0
 * @param stores contents of the stores after the last command
 */
record GoldenLog(String name, int partitions, List<Step> steps, List<Row> stores) {

    private static final String FORM = "millrace golden logs, form 1";
    private static final int DIGEST_BYTES = 12;

    /**
     * One command.
     *
     * @param appendedMs when the broker took it in, milliseconds since the epoch
     * @param command the record as it stands in the log, null for an empty one
     * @param outcome record of the events topic, without hashes
     * @param digest of the record with all its hashes
     * @param replies what those who wait hear
     * @param outgoing what it sends to other partitions
     */
    record Step(
            long appendedMs, byte[] command, byte[] outcome, byte[] digest, List<byte[]> replies, List<Sent> outgoing) {

        static Step of(long appendedMs, byte[] command, byte[] outcome, List<byte[]> replies, List<Sent> outgoing) {
            return new Step(appendedMs, command, withoutHashes(outcome), digestOf(outcome), replies, outgoing);
        }

        private static byte[] withoutHashes(byte[] outcome) {
            OutcomeRecord.Builder record;
            try {
                record = OutcomeRecord.parseFrom(outcome).toBuilder()
                        .clearPartitionHash()
                        .clearCommandHash();
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("expected an outcome, but it cannot be decoded", e);
            }
            record.getEventsBuilderList().forEach(EventRecord.Builder::clearHash);
            return record.build().toByteArray();
        }
    }

    /** A command for another partition. */
    record Sent(int partition, byte[] key, byte[] value) {}

    /** An entry of a store. */
    record Row(String table, byte[] key, byte[] value) {

        static Row of(String table, byte[] key, byte[] value) {
            return new Row(table, key, table.equals("HISTORY") ? digestOf(value) : value);
        }
    }

    private static byte[] digestOf(byte[] bytes) {
        try {
            return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(bytes), DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected a Java platform with SHA-256, but it has none", e);
        }
    }

    static void write(List<GoldenLog> logs, OutputStream to) throws IOException {
        GZIPOutputStream best = new GZIPOutputStream(to) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        };
        try (DataOutputStream out = new DataOutputStream(best)) {
            out.writeUTF(FORM);
            out.writeInt(logs.size());
            for (GoldenLog log : logs) {
                log.write(out);
            }
        }
    }

    private void write(DataOutputStream out) throws IOException {
        out.writeUTF(name);
        out.writeInt(partitions);
        out.writeInt(steps.size());
        for (Step step : steps) {
            out.writeLong(step.appendedMs);
            blob(out, step.command);
            blob(out, step.outcome);
            blob(out, step.digest);
            out.writeInt(step.replies.size());
            for (byte[] reply : step.replies) {
                blob(out, reply);
            }
            out.writeInt(step.outgoing.size());
            for (Sent sent : step.outgoing) {
                out.writeInt(sent.partition);
                blob(out, sent.key);
                blob(out, sent.value);
            }
        }
        out.writeInt(stores.size());
        for (Row row : stores) {
            out.writeUTF(row.table);
            blob(out, row.key);
            blob(out, row.value);
        }
    }

    static List<GoldenLog> read(InputStream from) throws IOException {
        try (DataInputStream in = new DataInputStream(new GZIPInputStream(from))) {
            String form = in.readUTF();
            if (!form.equals(FORM)) {
                throw new IOException("expected " + FORM + ", but found " + form);
            }
            List<GoldenLog> logs = new ArrayList<>();
            for (int i = in.readInt(); i > 0; i--) {
                logs.add(one(in));
            }
            return logs;
        }
    }

    private static GoldenLog one(DataInputStream in) throws IOException {
        GoldenLog log = new GoldenLog(in.readUTF(), in.readInt(), new ArrayList<>(), new ArrayList<>());
        for (int i = in.readInt(); i > 0; i--) {
            Step step = new Step(in.readLong(), blob(in), blob(in), blob(in), new ArrayList<>(), new ArrayList<>());
            for (int j = in.readInt(); j > 0; j--) {
                step.replies.add(blob(in));
            }
            for (int j = in.readInt(); j > 0; j--) {
                step.outgoing.add(new Sent(in.readInt(), blob(in), blob(in)));
            }
            log.steps.add(step);
        }
        for (int i = in.readInt(); i > 0; i--) {
            log.stores.add(new Row(in.readUTF(), blob(in), blob(in)));
        }
        return log;
    }

    private static void blob(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    private static byte[] blob(DataInputStream in) throws IOException {
        int length = in.readInt();
        return length < 0 ? null : in.readNBytes(length);
    }
}
