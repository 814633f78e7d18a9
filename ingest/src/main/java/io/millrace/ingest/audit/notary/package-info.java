/**
 * The notary: makes a transparency log of each partition of millrace.events, signs it, has it witnessed, and proves what stands in
 * it. It belongs to the read side: nothing waits for it, and all that it keeps can be made again from Kafka.
 */
@NullMarked
package io.millrace.ingest.audit.notary;

import org.jspecify.annotations.NullMarked;
