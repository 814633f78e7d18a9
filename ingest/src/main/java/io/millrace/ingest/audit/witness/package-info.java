/**
 * A witness of transparency logs, Millrace's or others', by tlog-witness: to be run by somebody else than those whose
 * logs they are.
 */
@NullMarked
package io.millrace.ingest.audit.witness;

import org.jspecify.annotations.NullMarked;
