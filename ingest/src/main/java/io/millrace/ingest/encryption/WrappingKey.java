package io.millrace.ingest.encryption;

import java.util.Optional;

/**
 * A key of an organisation by which its data keys are wrapped. It is asked once for each data key that is made, and once for each
 * that has left the node's memory. Safe from any thread. One that is {@link #away} may block, and throws
 * {@link io.millrace.proto.UnavailableException} where it cannot be reached; others take as long as a look-up in memory.
 */
public interface WrappingKey {

    /** @return whether it is not in this process, so that nobody may wait for it who must not block */
    boolean away();

    /** @return its name, which stands beside what it wraps */
    String id();

    /** @return the data key, wrapped, which {@link #unwrap} gives back only with the same associated data */
    byte[] wrap(byte[] dataKey, byte[] associated);

    /** @return the data key; empty where it was not wrapped by this key, or with other associated data */
    Optional<byte[]> unwrap(byte[] wrapped, byte[] associated);
}
