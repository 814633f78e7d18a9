/**
 * Encryption of payloads, and their erasure. Here are envelopes, data keys and the topic on which they stand wrapped.
 * Here is also what stands between the front door and the rest, so that payloads leave it encrypted and come back in
 * plain text. Decisions about who may read or erase belong elsewhere.
 */
@NullMarked
package io.millrace.ingest.encryption;

import org.jspecify.annotations.NullMarked;
