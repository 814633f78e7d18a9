package io.millrace.ingest.config;

import java.nio.file.Path;

/**
 * How the payloads of an organisation are encrypted.
 *
 * @param keyFile file of the keys that wrap data keys: the first one wraps, all unwrap
 * @param on whether payloads that come in are encrypted; otherwise those that were encrypted before can still be read
 */
public record PayloadEncryption(Path keyFile, boolean on) {}
