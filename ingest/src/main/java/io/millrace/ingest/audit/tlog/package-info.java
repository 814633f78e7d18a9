/**
 * The public formats of transparency logs, as pure functions: the Merkle tree of RFC 6962 and, of the C2SP specifications,
 * signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature, tlog-witness and tlog-proof. Nothing here does I/O or looks at a
 * clock.
 */
@NullMarked
package io.millrace.ingest.audit.tlog;

import org.jspecify.annotations.NullMarked;
