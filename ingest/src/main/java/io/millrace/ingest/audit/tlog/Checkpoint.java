package io.millrace.ingest.audit.tlog;

import java.util.regex.Pattern;

/**
 * What a log says of itself: tlog-checkpoint. Lines behind the third are allowed there and say nothing here.
 *
 * @param origin which log
 * @param size leaves of its tree
 * @param root of that tree
 */
public record Checkpoint(String origin, long size, Hash root) {

    private static final Pattern NUMBER = Pattern.compile("0|[1-9]\\d{0,18}");

    /** @throws TlogException if the text of the note is no checkpoint */
    public static Checkpoint parse(String text) {
        String[] lines = text.split("\n", -1);
        if (lines.length < 4 || lines[0].isEmpty() || !lines[lines.length - 1].isEmpty()) {
            throw new TlogException("expected a checkpoint of three lines, origin, size and root, but got '"
                    + text.replace("\n", "\\n") + "'");
        }
        return new Checkpoint(lines[0], number("the size of a tree", lines[1]), Hash.parse(lines[2]));
    }

    /** @throws TlogException if the text is no decimal number without zeroes before it */
    static long number(String what, String text) {
        if (NUMBER.matcher(text).matches()) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                // Nineteen digits may be more than there is room for.
            }
        }
        throw new TlogException("expected " + what + " as a decimal number, but got '" + text + "'");
    }

    /** @return the text to be signed */
    public String text() {
        return origin + "\n" + size + "\n" + root + "\n";
    }
}
