package io.millrace.dispatcher.engine.state;

import java.util.List;
import java.util.Optional;

/**
 * One thing that is due: by itself, or as one of those in a bucket.
 *
 * @param due when, and what is to happen
 * @param key which one of the bucket; empty for what is due by itself, and for a bucket that has nothing left
 */
public record DueItem(Due due, Optional<byte[]> key) {

    /** @return whether it is a bucket that has nothing left */
    public boolean nothingLeft() {
        return key.isEmpty() && (due.type() == Due.Type.RETENTION || due.type() == Due.Type.KEY_EXPIRY);
    }

    /** @return the keys of its bucket that are concerned, one at the most */
    public List<byte[]> keys() {
        return key.stream().toList();
    }
}
