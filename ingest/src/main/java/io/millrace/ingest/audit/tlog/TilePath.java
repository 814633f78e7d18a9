package io.millrace.ingest.audit.tlog;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a tile or an entry bundle, as tlog-tiles writes it below the log's prefix.
 *
 * @param level of the tile, 0 to 63; {@link #ENTRIES} for a bundle of entries
 * @param index of the tile within its level
 * @param width hashes or entries, 1 to 256; fewer than 256 where it is partial
 */
public record TilePath(int level, long index, int width) {

    /** Hashes of a full tile, entries of a full bundle. */
    public static final int FULL = 256;

    /** In the place of a level: entries, which stand below the tiles of level 0. */
    public static final int ENTRIES = -1;

    private static final int GROUP = 1_000;
    private static final Pattern FORM =
            Pattern.compile("tile/(entries|0|[1-9]\\d?)/((?:x\\d{3}/){0,5}\\d{3})(?:\\.p/([1-9]\\d{0,2}))?");

    /** Checks that there can be such a tile. */
    public TilePath {
        if (level < ENTRIES || level > 63 || index < 0 || width < 1 || width > FULL) {
            throw new TlogException("expected a tile of level 0 to 63 with 1 to 256 hashes, but got " + width
                    + " of tile " + index + " at level " + level);
        }
    }

    /** @return the path that the text names, empty if it names none */
    public static Optional<TilePath> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int level = matcher.group(1).equals("entries") ? ENTRIES : Integer.parseInt(matcher.group(1));
        int width = matcher.group(3) == null ? FULL : Integer.parseInt(matcher.group(3));
        boolean partialAsFull = matcher.group(3) != null && width >= FULL;
        String groups = matcher.group(2);
        // Groups of zeroes before the first are a second way to write the same.
        if (level > 63 || partialAsFull || groups.startsWith("x000/")) {
            return Optional.empty();
        }
        return Optional.of(new TilePath(level, Long.parseLong(groups.replaceAll("[x/]", "")), width));
    }

    /** @return whether it is less than a full tile */
    public boolean partial() {
        return width < FULL;
    }

    /** @return the path below the log's prefix */
    @Override
    public String toString() {
        StringBuilder groups = new StringBuilder(String.format("%03d", index % GROUP));
        for (long rest = index / GROUP; rest > 0; rest /= GROUP) {
            groups.insert(0, String.format("x%03d/", rest % GROUP));
        }
        return "tile/" + (level == ENTRIES ? "entries" : level) + "/" + groups + (partial() ? ".p/" + width : "");
    }
}
