/**
 * What auditors need: the trail of who did what, proofs of it, and the keys of both.
 */
package io.millrace.ingest.audit;
