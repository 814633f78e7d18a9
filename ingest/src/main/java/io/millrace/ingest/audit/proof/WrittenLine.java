package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.proof.LoggedRecord.LoggedHeader;
import io.millrace.ingest.audit.tlog.Hash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines with a record and its proof in the very form that {@link ProofJson} writes: fields in order, no white space, no
 * escapes. Files of proofs are read by it many times as fast as by a parser of JSON. It knows nothing of what is wrong: any other line, also
 * one that is good JSON, is left to {@link ProofJson}. One thread.
 */
final class WrittenLine {

    private static final byte[] INDEX = ascii("{\"index\":");
    private static final byte[] ENTRY = ascii(",\"entry\":");
    private static final byte[] HASHES = ascii(",\"hashes\":[");
    private static final byte[] OUTCOME = ascii(",\"outcome\":");
    private static final byte[] COMMAND = ascii(",\"command\":");
    private static final byte[] OFFSET = ascii("{\"offset\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");
    private static final byte[] KEY = ascii(",\"key\":");
    private static final byte[] VALUE = ascii(",\"value\":");
    private static final byte[] HEADERS = ascii(",\"headers\":[");
    private static final byte[] HEADERS_END = ascii("]}");
    private static final byte[] NULL = ascii("null");

    /** Digits that a long always has room for. */
    private static final int DIGITS = 18;

    private static final int HASH_CHARS = 44;
    /** More hashes than a proof of any tree has. */
    private static final int MOST_HASHES = 64;

    private static final Base64.Decoder BASE64 = Base64.getDecoder();

    /** The hashes of the line before: those of neighbouring leaves are the same from some level on. */
    private final Hash[] hashes = new Hash[MOST_HASHES];

    private final byte[] hashTexts = new byte[MOST_HASHES * HASH_CHARS];
    private int hashesKnown;

    private byte[] text = new byte[0];
    private int at;
    private int end;
    /** Whether all so far has the form. What is read once it has not is of no use. */
    private boolean holds;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** @return where the line ended that was read: at its newline, or at the end of the bytes */
    int lineEnd() {
        return at;
    }

    /**
     * Reads a line, up to its newline or the end of the bytes.
     *
     * @return the record; nothing if the line has another form
     */
    Optional<ProvedRecord> read(byte[] bytes, int from, int to) {
        text = bytes;
        at = from;
        end = to;
        holds = true;
        pass(INDEX);
        long index = number();
        pass(ENTRY);
        byte[] entry = base64();
        pass(HASHES);
        List<Hash> proof = proof();
        pass(OUTCOME);
        LoggedRecord outcome = record();
        pass(COMMAND);
        Optional<LoggedRecord> command = passes(NULL) ? Optional.empty() : Optional.ofNullable(record());
        pass('}');
        if (!holds || at < end && text[at] != '\n' || entry == null || outcome == null) {
            return Optional.empty();
        }
        return Optional.of(new ProvedRecord(index, entry, proof, outcome, command));
    }

    private @Nullable LoggedRecord record() {
        pass(OFFSET);
        long offset = number();
        pass(TIMESTAMP);
        long timestampMs = number();
        pass(KEY);
        byte[] key = bytes();
        pass(VALUE);
        byte[] value = bytes();
        pass(HEADERS);
        List<LoggedHeader> headers = headers();
        return holds ? new LoggedRecord(offset, timestampMs, key, value, headers) : null;
    }

    private List<LoggedHeader> headers() {
        if (passes(HEADERS_END)) {
            return List.of();
        }
        List<LoggedHeader> all = new ArrayList<>();
        while (holds) {
            pass('[');
            String name = name();
            pass(',');
            all.add(new LoggedHeader(name, bytes()));
            pass(']');
            if (passes(HEADERS_END)) {
                return all;
            }
            pass(',');
        }
        return all;
    }

    private List<Hash> proof() {
        int count = 0;
        boolean more = !passes(']');
        while (holds && more) {
            if (count == MOST_HASHES) {
                holds = false;
                break;
            }
            hash(count++);
            more = !passes(']');
            if (more) {
                pass(',');
            }
        }
        hashesKnown = Math.max(hashesKnown, holds ? count : 0);
        return Arrays.asList(Arrays.copyOf(hashes, count));
    }

    private void hash(int place) {
        pass('"');
        int from = at;
        int known = place * HASH_CHARS;
        if (end - at < HASH_CHARS + 1) {
            holds = false;
            return;
        }
        at += HASH_CHARS;
        pass('"');
        if (place < hashesKnown && Arrays.equals(text, from, at - 1, hashTexts, known, known + HASH_CHARS)) {
            return;
        }
        byte[] hash = decoded(from, from + HASH_CHARS);
        if (hash == null || hash.length != Hash.BYTES) {
            holds = false;
            return;
        }
        hashes[place] = Hash.at(hash, 0);
        System.arraycopy(text, from, hashTexts, known, HASH_CHARS);
    }

    private byte @Nullable [] bytes() {
        return passes(NULL) ? null : base64();
    }

    private byte @Nullable [] base64() {
        int from = begin();
        byte[] bytes = holds ? decoded(from, at - 1) : null;
        holds &= bytes != null;
        return bytes;
    }

    private String name() {
        int from = begin();
        for (int i = from; i < at - 1; i++) {
            holds &= text[i] >= ' ' && text[i] != '\\';
        }
        return holds ? new String(text, from, at - 1 - from, StandardCharsets.US_ASCII) : "";
    }

    /** Goes behind a text. @return where the text within its marks begins */
    private int begin() {
        pass('"');
        int from = at;
        while (at < end && text[at] != '"') {
            at++;
        }
        pass('"');
        return from;
    }

    /** @return the bytes, if the text is as an encoder writes it */
    private byte @Nullable [] decoded(int from, int to) {
        int length = to - from;
        if (length == 0) {
            return new byte[0];
        }
        if (length % 4 != 0 || !endsAsWritten(to)) {
            return null;
        }
        try {
            ByteBuffer bytes = BASE64.decode(ByteBuffer.wrap(text, from, length));
            byte[] all = bytes.array();
            return all.length == bytes.remaining() ? all : Arrays.copyOf(all, bytes.remaining());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Bits of the last character that stand for nothing are zero. */
    private boolean endsAsWritten(int to) {
        if (text[to - 1] != '=') {
            return true;
        }
        return text[to - 2] == '=' ? "AQgw".indexOf(text[to - 3]) >= 0 : "AEIMQUYcgkosw048".indexOf(text[to - 2]) >= 0;
    }

    private long number() {
        int from = at;
        boolean negative = passes('-');
        int digits = at;
        long value = 0;
        while (at < end && text[at] >= '0' && text[at] <= '9') {
            value = 10 * value + (text[at++] - '0');
        }
        int count = at - digits;
        holds &= count > 0 && count <= DIGITS && (text[digits] != '0' || count == 1 && digits == from);
        return negative ? -value : value;
    }

    private void pass(char character) {
        holds &= passes(character);
    }

    private void pass(byte[] characters) {
        holds &= passes(characters);
    }

    private boolean passes(char character) {
        if (at < end && text[at] == character) {
            at++;
            return true;
        }
        return false;
    }

    private boolean passes(byte[] characters) {
        if (end - at >= characters.length
                && Arrays.equals(text, at, at + characters.length, characters, 0, characters.length)) {
            at += characters.length;
            return true;
        }
        return false;
    }
}
