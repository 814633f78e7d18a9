package io.millrace.ingest.encryption;

import java.util.Optional;

/**
 * A key of an organisation by which its data keys are wrapped. A key that stays in a key management system or a
 * hardware module implements this too. It is asked once for each data key that is made, and once for each that has left
 * the node's memory. Safe from any thread; may take as long as a look-up in memory, not longer.
 */
public interface WrappingKey {

    /** @return its name, which stands beside what it wraps */
    String id();

    /** @return the data key, wrapped, which {@link #unwrap} gives back only with the same associated data */
    byte[] wrap(byte[] dataKey, byte[] associated);

    /** @return the data key; empty where it was not wrapped by this key, or with other associated data */
    Optional<byte[]> unwrap(byte[] wrapped, byte[] associated);
}
