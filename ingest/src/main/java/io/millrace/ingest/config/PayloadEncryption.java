package io.millrace.ingest.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How the payloads of an organisation are encrypted. The keys that wrap data keys stand in a file or in a key store: the first one
 * wraps, all unwrap.
 *
 * @param keyFile file of the keys
 * @param keyStore key store of the keys; there is either this or the file
 * @param on whether payloads that come in are encrypted; otherwise those that were encrypted before can still be read
 */
public record PayloadEncryption(Optional<Path> keyFile, Optional<WrappingKeyStore> keyStore, boolean on) {}
