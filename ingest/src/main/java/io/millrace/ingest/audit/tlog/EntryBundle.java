package io.millrace.ingest.audit.tlog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Entries in the form of tlog-tiles: each behind its length, an unsigned big-endian number of 16 bits. */
public final class EntryBundle {

    private static final int LENGTH_BYTES = 2;
    private static final int LONGEST = 0xffff;

    private EntryBundle() {}

    /** @throws TlogException if an entry is longer than 65,535 bytes */
    public static byte[] encode(List<byte[]> entries) {
        int total =
                entries.stream().mapToInt(entry -> LENGTH_BYTES + entry.length).sum();
        byte[] bundle = new byte[total];
        int place = 0;
        for (byte[] entry : entries) {
            if (entry.length > LONGEST) {
                throw new TlogException("expected an entry of at most " + LONGEST + " bytes, but got " + entry.length);
            }
            bundle[place++] = (byte) (entry.length >> 8);
            bundle[place++] = (byte) entry.length;
            System.arraycopy(entry, 0, bundle, place, entry.length);
            place += entry.length;
        }
        return bundle;
    }

    /**
     * @throws TlogException if the bundle ends within it, or is empty
     * @return the first entry
     */
    public static byte[] first(byte[] bundle) {
        int length = bundle.length < LENGTH_BYTES ? LONGEST : (bundle[0] & 0xff) << 8 | bundle[1] & 0xff;
        if (LENGTH_BYTES + length > bundle.length) {
            throw new TlogException("expected the first entry of a bundle to be whole, but it breaks off");
        }
        return Arrays.copyOfRange(bundle, LENGTH_BYTES, LENGTH_BYTES + length);
    }

    /** @throws TlogException if the bundle ends within an entry */
    public static List<byte[]> decode(byte[] bundle) {
        List<byte[]> entries = new ArrayList<>();
        int place = 0;
        while (place < bundle.length) {
            int begin = place + LENGTH_BYTES;
            int length = begin > bundle.length ? LONGEST : (bundle[place] & 0xff) << 8 | bundle[place + 1] & 0xff;
            if (begin + length > bundle.length) {
                throw new TlogException(
                        "expected entry " + entries.size() + " of a bundle to be whole, but it breaks off");
            }
            entries.add(Arrays.copyOfRange(bundle, begin, begin + length));
            place = begin + length;
        }
        return entries;
    }
}
