package io.millrace.infra.doctor;

/**
 * What was found of one thing.
 *
 * @param level how bad it is
 * @param subject what was looked at, a word or two
 * @param found what was found, in one sentence
 * @param advice what to do; empty where nothing has to be done
 */
public record Finding(Level level, String subject, String found, String advice) {

    /** How bad it is. */
    public enum Level {
        /** As it should be. */
        OK,
        /** A node works, but something is unsafe or will fail later. */
        WARNING,
        /** A node does not start, or does not work. */
        FAILURE
    }

    static Finding ok(String subject, String found) {
        return new Finding(Level.OK, subject, found, "");
    }

    static Finding warning(String subject, String found, String advice) {
        return new Finding(Level.WARNING, subject, found, advice);
    }

    static Finding failure(String subject, String found, String advice) {
        return new Finding(Level.FAILURE, subject, oneLine(found), advice);
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
