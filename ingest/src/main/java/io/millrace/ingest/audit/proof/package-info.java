/**
 * What Millrace puts into its transparency logs, and how it proves to others what stands there. Here are leaves,
 * statements of keys, and files of proofs that are checked offline. docs/audit.md describes the forms. Nothing here
 * does I/O or looks at a clock.
 */
@NullMarked
package io.millrace.ingest.audit.proof;

import org.jspecify.annotations.NullMarked;
