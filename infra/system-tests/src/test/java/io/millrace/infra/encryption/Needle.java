package io.millrace.infra.encryption;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Bytes to look for in files, however large. Immutable. */
record Needle(String name, List<byte[]> forms) {

    private static final int PIECE = 1 << 20;

    /** @return the text as UTF-8 and UTF-16, as heaps and files may hold it */
    static Needle text(String text) {
        return new Needle(
                text,
                List.of(
                        text.getBytes(StandardCharsets.UTF_8),
                        text.getBytes(StandardCharsets.UTF_16LE),
                        text.getBytes(StandardCharsets.UTF_16BE)));
    }

    static Needle bytes(String name, byte[] bytes) {
        return new Needle(name, List.of(bytes));
    }

    /** @return the files below the folder that hold it; those that go away meanwhile do not */
    List<Path> in(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).filter(this::isIn).toList();
        } catch (UncheckedIOException | IOException vanished) {
            return in(folder);
        }
    }

    /** @return whether the file holds it */
    boolean isIn(Path file) {
        int longest = forms.stream().mapToInt(form -> form.length).max().orElseThrow();
        byte[] piece = new byte[PIECE + longest];
        byte[] empty = new byte[PIECE + longest];
        try (InputStream in = Files.newInputStream(file)) {
            int kept = 0;
            while (true) {
                int read = in.readNBytes(piece, kept, PIECE);
                if (read <= 0) {
                    return false;
                }
                int length = kept + read;
                // Most of the files is room that Kafka and PostgreSQL have taken and not filled yet.
                boolean filled = !Arrays.equals(piece, 0, length, empty, 0, length);
                for (byte[] form : forms) {
                    if (filled && indexOf(piece, length, form) >= 0) {
                        return true;
                    }
                }
                kept = Math.min(longest - 1, length);
                System.arraycopy(piece, length - kept, piece, 0, kept);
            }
        } catch (NoSuchFileException gone) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return where the bytes stand, -1: nowhere */
    static int indexOf(byte[] text, int length, byte[] form) {
        // Horspool's way: by the byte where the last one would stand, most of the text is passed over unseen.
        int last = form.length - 1;
        int[] step = new int[256];
        Arrays.fill(step, form.length);
        for (int i = 0; i < last; i++) {
            step[form[i] & 0xff] = last - i;
        }
        for (int i = 0; i < length - last; i += step[text[i + last] & 0xff]) {
            if (text[i + last] == form[last] && Arrays.equals(text, i, i + last, form, 0, last)) {
                return i;
            }
        }
        return -1;
    }

    /** @return where the bytes stand in several places */
    static List<Integer> all(byte[] text, byte[] form) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i <= text.length - form.length; i++) {
            boolean same = true;
            for (int j = 0; same && j < form.length; j++) {
                same = text[i + j] == form[j];
            }
            if (same) {
                places.add(i);
            }
        }
        return places;
    }
}
