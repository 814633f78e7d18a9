package io.millrace.dispatcher.replay;

import java.util.List;

/**
 * Something came of a command that was carried out again which is not what was recorded.
 *
 * @param partition number of the partition
 * @param commandOffset place of the command, -1 where none is known
 * @param appendedMs when the broker took the command in, milliseconds since the epoch; 0 where that is not known
 * @param kind what differs first of all
 * @param byRules whether other rules decided here than then, so that a difference is what the newer rules are for
 * @param command name of its body
 * @param asked the command for people, a line each
 * @param sides what differs: lines of the record behind "- ", those of now behind "+ "
 */
public record Difference(
        int partition,
        long commandOffset,
        long appendedMs,
        Kind kind,
        boolean byRules,
        String command,
        List<String> asked,
        List<String> sides) {

    /** What can differ. Where several things do, the first of these counts. */
    public enum Kind {
        /** Refused now and not then, or then and not now, or for another reason. */
        REFUSAL("refused or not, or for another reason"),
        /** Other events, or other contents. */
        EVENTS("other events"),
        /** The partition's time. */
        TIME("another time"),
        /** The version of the rules that decided, and nothing that it decided. */
        RULES("the same by other rules"),
        /** What the outcome says of the command does not fit the command. */
        ASKED("the outcome says something else of the command"),
        /** Nothing but hashes: the record was changed, or what stands before it was. */
        HASHES("only the hashes"),
        /** The same content in other bytes. */
        FORM("the same in another form"),
        /** The events topic has later outcomes, and none of this command. */
        NO_OUTCOME("no outcome is recorded"),
        /** The outcome is of a command that has one already. */
        SECOND_OUTCOME("a second outcome is recorded"),
        /** The outcome is of a command that the log does not have. */
        NO_COMMAND("the log has no such command"),
        /** A record of the events topic is no outcome. */
        UNREADABLE("the record is no outcome");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** @return the same in a few words */
        public String text() {
            return text;
        }
    }
}
