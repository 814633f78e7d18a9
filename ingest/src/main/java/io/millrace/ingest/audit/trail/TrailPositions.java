package io.millrace.ingest.audit.trail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Where an export ended, as a file: a line for each partition, with its number, a colon and the next offset. */
public final class TrailPositions {

    private TrailPositions() {}

    /**
     * @return by partition, the offset to go on at; none if there is no such file
     * @throws IOException if it cannot be read, or holds something else
     */
    public static Map<Integer, Long> read(Path file) throws IOException {
        Map<Integer, Long> positions = new TreeMap<>();
        if (!Files.exists(file)) {
            return positions;
        }
        for (String line : Files.readAllLines(file)) {
            if (!line.matches("[0-9]{1,9}:[0-9]{1,18}")) {
                throw new IOException("expected a partition, a colon and an offset in each line of " + file
                        + ", but one is '" + line + "'");
            }
            String[] parts = line.split(":");
            positions.put(Integer.valueOf(parts[0]), Long.valueOf(parts[1]));
        }
        return positions;
    }

    /** Puts the positions in the place of what the file held, whole or not at all. */
    public static void write(Path file, Map<Integer, Long> positions) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(
                next,
                positions.entrySet().stream()
                        .map(position -> position.getKey() + ":" + position.getValue() + "\n")
                        .collect(Collectors.joining()));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
