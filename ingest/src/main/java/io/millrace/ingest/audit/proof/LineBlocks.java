package io.millrace.ingest.audit.proof;

import io.millrace.ingest.audit.tlog.TlogException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A file in blocks of whole lines. Lines end by a newline; the last one need not. One thread. */
final class LineBlocks {

    private static final int SIZE = 64 << 10;
    /** Bytes of the longest line. No record on Kafka makes one that comes near it. */
    private static final int LONGEST = 256 << 20;

    private final InputStream file;
    private byte[] rest = new byte[0];
    private boolean ended;

    /** @param file stays the caller's to close */
    LineBlocks(InputStream file) {
        this.file = file;
    }

    /**
     * Some lines.
     *
     * @param bytes with the ends of the lines, but perhaps of the last
     * @param from where the first line begins
     * @param to where they end
     */
    record Block(byte[] bytes, int from, int to) {

        /** @return where the line ends that begins there: at its newline, or at the end of the block */
        int lineEnd(int from) {
            int end = from;
            while (end < to && bytes[end] != '\n') {
                end++;
            }
            return end;
        }

        /** @return the lines behind the one that ends there */
        Block behind(int lineEnd) {
            return new Block(bytes, Math.min(lineEnd + 1, to), to);
        }
    }

    /** @return the next blocks, at most so many; none at the end of the file */
    List<Block> next(int most) throws IOException {
        List<Block> blocks = new ArrayList<>();
        while (blocks.size() < most && !(ended && rest.length == 0)) {
            Block block = next();
            if (block.to() > 0) {
                blocks.add(block);
            }
        }
        return blocks;
    }

    private Block next() throws IOException {
        byte[] bytes = Arrays.copyOf(rest, Math.max(SIZE, 2 * rest.length));
        int length = rest.length;
        while (true) {
            int read = file.readNBytes(bytes, length, bytes.length - length);
            int lines = lastNewline(bytes, length, length + read);
            length += read;
            if (length < bytes.length) {
                ended = true;
                rest = new byte[0];
                return new Block(bytes, 0, length);
            }
            if (lines > 0) {
                rest = Arrays.copyOfRange(bytes, lines, length);
                return new Block(bytes, 0, lines);
            }
            if (bytes.length >= LONGEST) {
                throw new TlogException("expected lines of at most " + (LONGEST >> 20)
                        + " MiB, but one is longer: this is no file of proofs");
            }
            bytes = Arrays.copyOf(bytes, 2 * bytes.length);
        }
    }

    /** @return the place behind the last newline; 0 if there is none */
    private static int lastNewline(byte[] bytes, int from, int to) {
        for (int i = to; i > from; i--) {
            if (bytes[i - 1] == '\n') {
                return i;
            }
        }
        return 0;
    }
}
