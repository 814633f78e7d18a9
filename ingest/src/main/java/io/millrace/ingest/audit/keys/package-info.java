/**
 * The keys that sign: read from files or key stores, tried before they are used, and never shown. What is signed with them is
 * in {@code tlog} and {@code proof}.
 */
@NullMarked
package io.millrace.ingest.audit.keys;

import org.jspecify.annotations.NullMarked;
