/**
 * Four eyes: what the configuration names is carried out only when somebody else has approved it. What is asked for and what is
 * decided are notes in the log. The read model tells how they stand, and is not believed as to what was asked for. Who decides
 * waits for the read model, so nothing here is for event loops but {@code ask}.
 */
@NullMarked
package io.millrace.ingest.approvals;

import org.jspecify.annotations.NullMarked;
