package io.millrace.dispatcher.engine.state;

import java.util.List;

/**
 * Something that was due and was seen to, of which no event tells: a bucket that is empty, a key whose execution is open still, or what
 * could not be carried out.
 *
 * @param keys what left the bucket, where it is one; never change
 */
public record SettledDue(Due due, List<byte[]> keys) {

    /** Copies the list. */
    public SettledDue {
        keys = List.copyOf(keys);
    }
}
