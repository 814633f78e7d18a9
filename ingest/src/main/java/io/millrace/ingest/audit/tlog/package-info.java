/**
 * The public formats of transparency logs, as pure functions. The Merkle tree is that of RFC 6962. Of the C2SP
 * specifications here are signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature, tlog-witness and tlog-proof.
 * Nothing here does I/O or looks at a clock.
 */
@NullMarked
package io.millrace.ingest.audit.tlog;

import org.jspecify.annotations.NullMarked;
