/**
 * What auditors need: the trail of who did what, proofs of it, and the keys of both.
 */
@NullMarked
package io.millrace.ingest.audit;

import org.jspecify.annotations.NullMarked;
