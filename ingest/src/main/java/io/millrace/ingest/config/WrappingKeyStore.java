package io.millrace.ingest.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A key store with wrapping keys.
 *
 * @param place of it
 * @param passwordFile file with its password, or the PIN of the device, on one line; without one it has none
 * @param aliases of the keys, in order, at least one
 */
public record WrappingKeyStore(KeyStoreConfig place, Optional<Path> passwordFile, List<String> aliases) {}
