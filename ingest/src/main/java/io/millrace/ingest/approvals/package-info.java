/**
 * Four eyes: what the configuration names is carried out only when somebody else has approved it. What is asked for and what is
 * decided are notes in the log; the read model tells how they stand, and is not believed as to what was asked for.
 */
@NullMarked
package io.millrace.ingest.approvals;

import org.jspecify.annotations.NullMarked;
