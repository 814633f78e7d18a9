/**
 * Commands about the audit trail that ask a server. Those that read Kafka, or check a file, are in the module {@code
 * cli}.
 */
@NullMarked
package io.millrace.infra.client.audit;

import org.jspecify.annotations.NullMarked;
