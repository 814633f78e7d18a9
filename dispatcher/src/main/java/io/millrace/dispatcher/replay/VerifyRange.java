package io.millrace.dispatcher.replay;

/**
 * What of a partition is compared. All before it is carried out too, since the state that decides is made of it.
 *
 * @param from offset of the first command that is compared
 * @param to offset behind the last one
 * @param rules version of the rules that decides from the beginning instead of those that the log names; 0: those
 */
public record VerifyRange(long from, long to, int rules) {

    /** All of it, as the log says. */
    public static final VerifyRange ALL = new VerifyRange(0, Long.MAX_VALUE, 0);
}
